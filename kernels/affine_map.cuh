// The affine map of a coupling: which pixels a block takes, the network's output at each of them as the sum
// of nine neighbours' parts, and the map itself.
#pragma once

#include <glow/kernels/coupling.hpp>
#include <glow/ops/affine_scale.hpp>
#include <glow/ops/neighbours.hpp>

#include "common.cuh"
#include "lanes.cuh"

namespace glow::kernels {

using ops::AffineScale;

/// Pixels that a thread takes one after another.
inline constexpr unsigned rounds = 4;

/// How blocks share a batch: each takes `pixels` of one image, with `lanes` threads side by side on the
/// channels of every pixel.
struct Cut {
  unsigned lanes, pixels;
  Index blocks;  // an image

  Cut(const CouplingShape& s, unsigned lanes_, unsigned pixels_)
      : lanes(lanes_), pixels(pixels_), blocks((s.h * s.w + pixels - 1) / pixels) {}
};

/// The calling block's pixels, counted through the batch.
struct BlockPixels {
  Index image, first, last;  // `last` is the one after

  __device__ BlockPixels(const CouplingShape& s, const Cut& cut) {
    image = blockIdx.x / cut.blocks;
    const Index end = (image + 1) * s.h * s.w;
    first = image * s.h * s.w + blockIdx.x % cut.blocks * cut.pixels;
    last = first + cut.pixels < end ? first + cut.pixels : end;
  }
};

/// Calls fn(pixel, channel, mu, a) for all elements of the calling thread, one of `threads`.
template <unsigned threads, class T, class F>
__device__ __forceinline__ void for_each_output(const NetworkParts<T>& network, const CouplingShape& s,
                                                unsigned lanes, const BlockPixels& pixels, F fn) {
  for (Index p = pixels.first + threadIdx.x / lanes; p < pixels.last; p += threads / lanes) {
    for (Index i = threadIdx.x % lanes; i < s.changed; i += lanes) {
      T mu = network.bias[i], a = network.bias[s.changed + i];
      ops::detail::for_each_neighbour(s.h, s.w, ops::Taps::same, p, [&](Index tap, Index neighbour) {
        const T* part = network.parts + neighbour * network.pitch + tap * 2 * s.changed + i;
        mu += part[0];
        a += part[s.changed];
      });
      fn(p, i, mu, a);
    }
  }
}

/// s v + mu, or back (v - mu) / s.
template <bool Forward, class T>
__device__ T affine_map(const AffineScale<T>& scale, T mu, T v) {
  return Forward ? v / scale.inverse + mu : (v - mu) * scale.inverse;
}

}  // namespace glow::kernels
