// The 3x3 neighbourhood of a pixel as nine taps, row by row; tap t lies at offset (t / 3 - 1, t % 3 - 1).
// Pixels outside the image count as zero. Convolutions are a gather of taps before, or a sum of taps after, a
// matrix product per pixel.
#pragma once

#include <algorithm>

#include <glow/core/shape.hpp>

namespace glow::ops {

inline constexpr Index taps = 9;

/// Which neighbour a tap names: `same` at p + offset (convolution), `mirrored` at p - offset (its transpose).
enum class Taps : int { same = 1, mirrored = -1 };

namespace detail {

// Calls fn(tap, neighbour) for the taps of `pixel` (counted through the batch) that lie inside its image.
template <class F>
void for_each_neighbour(Index height, Index width, Taps direction, Index pixel, F fn) {
  const Index sign = static_cast<Index>(direction);
  const Index column = pixel % width;
  const Index row = pixel / width % height;
  for (Index dy = -1; dy <= 1; ++dy) {
    if (const Index r = row + sign * dy; r < 0 || r >= height) continue;
    for (Index dx = -1; dx <= 1; ++dx) {
      if (const Index c = column + sign * dx; c < 0 || c >= width) continue;
      fn(3 * (dy + 1) + dx + 1, pixel + sign * (dy * width + dx));
    }
  }
}

}  // namespace detail

/// out[p - first, t, c] = x[neighbour t of p, c], or 0 outside: pixels first ... last - 1 of images height x
/// width whose pixels lie `stride` elements apart. out is [last - first, 9, channels].
template <class T>
void gather_neighbours(const T* x, Index stride, Index height, Index width, Index channels, Taps direction,
                       Index first, Index last, T* out) {
  for (Index p = first; p < last; ++p, out += taps * channels) {
    const Index column = p % width;
    const Index row = p / width % height;
    if (row == 0 || row == height - 1 || column == 0 || column == width - 1) {
      std::fill_n(out, taps * channels, T(0));
    }
    detail::for_each_neighbour(height, width, direction, p, [&](Index tap, Index neighbour) {
      const T* from = x + neighbour * stride;
      T* to = out + tap * channels;
      for (Index c = 0; c < channels; ++c) to[c] = from[c];
    });
  }
}

/// out[c] += sum over t of parts[neighbour t of pixel, t, c]; parts is [pixels, 9, channels].
template <class T>
void sum_neighbours(const T* parts, Index height, Index width, Index channels, Taps direction, Index pixel,
                    T* out) {
  detail::for_each_neighbour(height, width, direction, pixel, [&](Index tap, Index neighbour) {
    const T* from = parts + (neighbour * taps + tap) * channels;
    for (Index c = 0; c < channels; ++c) out[c] += from[c];
  });
}

}  // namespace glow::ops
