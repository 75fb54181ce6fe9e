// The integer type of every extent, count and offset; plain enough for kernels to include.
#pragma once

#include <cstddef>

#include <glow/core/floating_point.hpp>

namespace glow {

/// Signed type of every extent, count and offset.
using Index = std::ptrdiff_t;

}  // namespace glow
