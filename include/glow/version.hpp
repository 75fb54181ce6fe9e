// The version of glow: a change of the minor number may break users' code, one of the last number does not
// (docs/install.md). CMake reads it here.
#pragma once

#include <string_view>

#define GLOW_VERSION_MAJOR 0
#define GLOW_VERSION_MINOR 1
#define GLOW_VERSION_PATCH 0

#define GLOW_TEXT_OF_(x) #x
#define GLOW_TEXT_OF(x) GLOW_TEXT_OF_(x)

namespace glow {

/// "0.1.0"
inline constexpr std::string_view version = GLOW_TEXT_OF(GLOW_VERSION_MAJOR) "." GLOW_TEXT_OF(
    GLOW_VERSION_MINOR) "." GLOW_TEXT_OF(GLOW_VERSION_PATCH);

}  // namespace glow

#undef GLOW_TEXT_OF
#undef GLOW_TEXT_OF_
