// The order in which a batch's pixels lie in memory. Squeeze, y[n, i, j, (dy * 2 + dx) * C + c] = x[n, 2i +
// dy, 2j + dx, c], keeps a pixel's channels together: it is a permutation of pixels, which an op that writes
// or reads pixels anyway can apply on the way. Plain enough for kernels to include.
#pragma once

#include <algorithm>

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Images whose pixels lie in rows (the default), or squeezed.
struct PixelOrder {
  Index width = 0;  ///< of the images, whose height and width are even, if they are squeezed; else 0

  GLOW_HOST_DEVICE bool squeezed() const { return width != 0; }

  /// The place of pixel p; both are counted through the batch.
  GLOW_HOST_DEVICE Index operator()(Index p) const {
    if (!squeezed()) return p;
    const Index row = p / width, column = p - row * width;
    return (row / 2 * (width / 2) + column / 2) * 4 + row % 2 * 2 + column % 2;
  }

  /// Calls fn(pixel, place, count) for pixels first ... last - 1 in runs of `count` whose places follow one
  /// another.
  template <class F>
  void for_each_run(Index first, Index last, F fn) const {
    if (!squeezed()) return fn(first, first, last - first);
    for (Index p = first; p < last;) {
      const Index count = std::min(last - p, 2 - p % 2);
      fn(p, (*this)(p), count);
      p += count;
    }
  }
};

}  // namespace glow::ops
