// The affine map of a coupling: which pixels a block takes, the network's output at each of them, whole or as
// the sum of nine neighbours' parts, and the map itself.
#pragma once

#include <glow/ops/affine_scale.hpp>
#include <glow/ops/kernels/coupling.hpp>
#include <glow/ops/neighbours.hpp>

#include "blocks.cuh"
#include "lanes.cuh"

namespace glow::kernels {

using ops::AffineScale;

/// Threads of a block.
inline constexpr unsigned map_threads = 128;

/// How blocks share a batch: each takes `pixels` of one image, with `lanes` threads side by side on the
/// channels of every pixel.
struct Cut {
  unsigned lanes, pixels;
  unsigned blocks;  // per image
  Divisor by_width;

  Cut(const CouplingShape& s, unsigned pixels_)
      : lanes(lanes_for(s.changed, map_threads)),
        pixels(pixels_),
        blocks(blocks_of(s.h * s.w, pixels)),
        by_width(s.w) {}
};

/// Pixels that a block takes four rounds for.
inline unsigned pixels_of_rounds(const CouplingShape& s) {
  return map_threads / lanes_for(s.changed, map_threads) * 4;
}

/// The calling block's pixels, counted through the batch.
struct BlockPixels {
  Index image, image_first, first, last;  // `last` is the one after

  __device__ BlockPixels(const CouplingShape& s, const Cut& cut) {
    image = blockIdx.x / cut.blocks;
    image_first = image * s.h * s.w;
    const Index end = image_first + s.h * s.w;
    first = image_first + Index{blockIdx.x % cut.blocks} * cut.pixels;
    last = first + cut.pixels < end ? first + cut.pixels : end;
  }
};

/// The network's output at one pixel.
template <class T>
struct NetworkOutput {
  T mu, a;

  /// Channel i at pixel p of the batch, which is pixel `in_image` of its image; the parts of an image's row
  /// are fewer than an int counts. All loads are under way before the first sum, so a thread waits for memory
  /// once: where a neighbour lies outside the image, it reads its own pixel's part.
  __device__ __forceinline__ NetworkOutput(const NetworkParts<T>& network, const CouplingShape& s,
                                           const Cut& cut, Index p, int in_image, Index i) {
    const int height = static_cast<int>(s.h), width = static_cast<int>(s.w);
    const int pitch = static_cast<int>(network.pitch), outputs = static_cast<int>(2 * s.changed);
    const int row = static_cast<int>(cut.by_width.quotient(in_image)), column = in_image - row * width;
    const T* const own = network.parts + p * network.pitch + i;
    if (network.taps == 1) {
      mu = network.bias[i] + own[0];
      a = network.bias[s.changed + i] + own[s.changed];
      return;
    }
    T of_mu[ops::taps], of_a[ops::taps];
    for (int tap = 0; tap < ops::taps; ++tap) {
      const int dy = tap / 3 - 1, dx = tap % 3 - 1, r = row + dy, c = column + dx;
      const bool inside = 0 <= r && r < height && 0 <= c && c < width;
      const T* const part = own + (inside ? (dy * width + dx) * pitch + tap * outputs : 0);
      of_mu[tap] = inside ? part[0] : T(0);
      of_a[tap] = inside ? part[s.changed] : T(0);
    }
    mu = network.bias[i];
    a = network.bias[s.changed + i];
    for (int tap = 0; tap < ops::taps; ++tap) {
      mu += of_mu[tap];
      a += of_a[tap];
    }
  }
};

/// Calls fn(pixel, channel, mu, a) for all elements of the calling thread.
template <class T, class F>
__device__ __forceinline__ void for_each_output(const NetworkParts<T>& network, const CouplingShape& s,
                                                const Cut& cut, const BlockPixels& pixels, F fn) {
  for (Index p = pixels.first + threadIdx.x / cut.lanes; p < pixels.last; p += map_threads / cut.lanes) {
    for (Index i = threadIdx.x % cut.lanes; i < s.changed; i += cut.lanes) {
      const NetworkOutput<T> output(network, s, cut, p, static_cast<int>(p - pixels.image_first), i);
      fn(p, i, output.mu, output.a);
    }
  }
}

/// s v + mu, or back (v - mu) / s.
template <bool Forward, class T>
__device__ T affine_map(const AffineScale<T>& scale, T mu, T v) {
  return Forward ? v / scale.inverse + mu : (v - mu) * scale.inverse;
}

}  // namespace glow::kernels
