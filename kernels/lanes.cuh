// How a block of 256 threads shares pixels and their channels.
#pragma once

#include <glow/core/index.hpp>

namespace glow::kernels {

/// Threads side by side on the channels of one pixel: a power of 2 of at most 256.
inline unsigned lanes_for(Index channels) {
  unsigned lanes = 1;
  while (lanes < 256 && lanes < channels) lanes *= 2;
  return lanes;
}

}  // namespace glow::kernels
