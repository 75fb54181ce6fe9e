// The integer type of every extent, count and offset; plain enough for kernels to include.
#pragma once

#include <cstddef>

namespace glow {

/// Signed type of every extent, count and offset.
using Index = std::ptrdiff_t;

}  // namespace glow
