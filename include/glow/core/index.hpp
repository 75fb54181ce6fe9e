// The integer type of every extent, count and offset; plain enough for kernels to include.
#pragma once

#include <cstddef>

#include <glow/core/floating_point.hpp>
#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Signed type of every extent, count and offset.
using Index = std::ptrdiff_t;

}  // namespace glow
