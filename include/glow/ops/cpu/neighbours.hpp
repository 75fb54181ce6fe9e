// Gathers of 3x3 neighbourhoods and sums over them. Convolutions are a gather of taps before, or a sum of
// taps after, a matrix product per pixel.
#pragma once

#include <algorithm>

#include <glow/ops/neighbours.hpp>

namespace glow::ops {

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
