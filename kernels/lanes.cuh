// How a block of threads shares pixels and their channels.
#pragma once

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Threads side by side on the channels of one pixel: a power of 2 of at most `threads`, which is one too.
inline unsigned lanes_for(Index channels, unsigned threads = 256) {
  unsigned lanes = 1;
  while (lanes < threads && lanes < channels) lanes *= 2;
  return lanes;
}

}  // namespace glow::kernels
