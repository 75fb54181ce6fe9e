// The version of glow: a change of the minor number may break users' code, one of the last number does not
// (docs/install.md). CMake reads it here.
#pragma once

#include <string_view>

#define GLOW_VERSION_MAJOR 0
#define GLOW_VERSION_MINOR 1
#define GLOW_VERSION_PATCH 0

#define GLOW_TEXT_OF_(x) #x
#define GLOW_TEXT_OF(x) GLOW_TEXT_OF_(x)
#define GLOW_NAMESPACE_OF_(major, minor) v##major##_##minor
#define GLOW_NAMESPACE_OF(major, minor) GLOW_NAMESPACE_OF_(major, minor)

/// v0_1: the inline namespace of everything in `glow`, so that objects of versions that may differ do not
/// link together unseen, and may lie in one process side by side. Headers open glow::ops and its like by
/// glow::inline GLOW_VERSION_NAMESPACE::ops: Clang takes one opened as glow::ops for another namespace.
#define GLOW_VERSION_NAMESPACE GLOW_NAMESPACE_OF(GLOW_VERSION_MAJOR, GLOW_VERSION_MINOR)

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// "0.1.0"
inline constexpr std::string_view version = GLOW_TEXT_OF(GLOW_VERSION_MAJOR) "." GLOW_TEXT_OF(
    GLOW_VERSION_MINOR) "." GLOW_TEXT_OF(GLOW_VERSION_PATCH);

}  // namespace glow

#undef GLOW_TEXT_OF
#undef GLOW_TEXT_OF_
