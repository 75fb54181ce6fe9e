// The map of a coupling: which pixels a block takes, and the network's output at each of them, whole or as
// the sum of nine neighbours' parts.
#pragma once

#include <glow/ops/kernels/coupling.hpp>
#include <glow/ops/neighbours.hpp>

#include "blocks.cuh"
#include "lanes.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

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

/// The most outputs per channel whose parts a thread loads all at once.
inline constexpr int most_at_once = 2;

/// Blocks to a multiprocessor that leave a thread registers enough: a spline has many numbers at hand.
template <class Map>
inline constexpr unsigned least_blocks = Map::outputs > most_at_once ? 2 : 0;

/// The network's outputs for one channel at one pixel.
template <class T, int outputs>
struct NetworkOutput {
  T h[outputs];

  /// Channel i at pixel p of the batch, which is pixel `in_image` of its image; the parts of an image's row
  /// are fewer than an int counts. All loads of most_at_once outputs are under way before the first sum, so a
  /// thread waits for memory once for these: where a neighbour lies outside the image, it reads its own
  /// pixel's part.
  __device__ __forceinline__ NetworkOutput(const NetworkParts<T>& network, const CouplingShape& s,
                                           const Cut& cut, Index p, int in_image, Index i) {
    const int height = static_cast<int>(s.h), width = static_cast<int>(s.w);
    const int pitch = static_cast<int>(network.pitch), all = static_cast<int>(outputs * s.changed);
    const int row = static_cast<int>(cut.by_width.quotient(in_image)), column = in_image - row * width;
    const T* const own = network.parts + p * network.pitch + i;
    if (network.taps == 1) {
      for (int j = 0; j < outputs; ++j) h[j] = network.bias[j * s.changed + i] + own[j * s.changed];
      return;
    }
    for (int first = 0; first < outputs; first += most_at_once) {
      T parts[ops::taps][most_at_once];
      for (int tap = 0; tap < ops::taps; ++tap) {
        const int dy = tap / 3 - 1, dx = tap % 3 - 1, r = row + dy, c = column + dx;
        const bool inside = 0 <= r && r < height && 0 <= c && c < width;
        const T* const part = own + (inside ? (dy * width + dx) * pitch + tap * all : 0);
        for (int k = 0; k < most_at_once; ++k) {
          const int j = first + k;
          if (j < outputs) {
            const T there = part[j * s.changed];
            parts[tap][k] = inside ? there : T(0);
          }
        }
      }
      for (int k = 0; k < most_at_once && first + k < outputs; ++k)
        h[first + k] = network.bias[(first + k) * s.changed + i];
      for (int tap = 0; tap < ops::taps; ++tap) {
        for (int k = 0; k < most_at_once && first + k < outputs; ++k) h[first + k] += parts[tap][k];
      }
    }
  }
};

/// Calls fn(pixel, channel, h) for all elements of the calling thread, h being the network's outputs for it.
template <int outputs, class T, class F>
__device__ __forceinline__ void for_each_output(const NetworkParts<T>& network, const CouplingShape& s,
                                                const Cut& cut, const BlockPixels& pixels, F fn) {
  for (Index p = pixels.first + threadIdx.x / cut.lanes; p < pixels.last; p += map_threads / cut.lanes) {
    for (Index i = threadIdx.x % cut.lanes; i < s.changed; i += cut.lanes) {
      const NetworkOutput<T, outputs> output(network, s, cut, p, static_cast<int>(p - pixels.image_first), i);
      fn(p, i, output.h);
    }
  }
}

}  // namespace glow::kernels
