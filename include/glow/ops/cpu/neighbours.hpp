// Gathers of 3x3 neighbourhoods and sums over them: convolutions are a gather of taps before, or a sum of
// taps after, a matrix product per pixel.
#pragma once

#include <algorithm>

#include <glow/core/arena.hpp>
#include <glow/ops/cpu/gemm.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// out[p - first, t, c] = x[neighbour t of p, c] as a number of In, or 0 outside: pixels first ... last - 1
/// of images height x width whose pixels lie `stride` numbers apart. Rows of out lie out_step >= 9 channels
/// apart, filled up with zeros; `out` has slack.
template <class In, class T>
void gather_neighbours(const T* x, Index stride, Index height, Index width, Index channels, Taps direction,
                       Index first, Index last, In* out, Index out_step) {
  with_isa<In>([&]<class I>(I) {
    I::gather_neighbours(x, stride, height, width, channels, direction, first, last, out, out_step);
  });
}

/// The same for rows first ... last - 1 of out, which has them all; no others are touched, which may be those
/// of other threads.
template <class In, class T>
void gather_neighbours_at(const T* x, Index stride, Index height, Index width, Index channels, Taps direction,
                          Index first, Index last, In* out, Index out_step) {
  // What is written beyond a row is overwritten by those that follow, but for the last few.
  const Index few = std::min(last - first, (slack + out_step - 1) / out_step), end = last - few;
  gather_neighbours(x, stride, height, width, channels, direction, first, end, out + first * out_step,
                    out_step);
  const Scratch<In> rest(Shape{few * out_step + slack});
  gather_neighbours(x, stride, height, width, channels, direction, end, last, rest.data(), out_step);
  std::copy_n(rest.data(), few * out_step, out + end * out_step);
}

/// out[p - first, c] = start[c] + sum over t of parts[neighbour t of p, t, c], c < channels. Rows of parts
/// lie parts_step numbers apart; parts, start and out have slack.
template <class T>
void sum_neighbours(const T* parts, Index parts_step, const T* start, Index height, Index width,
                    Index channels, Taps direction, Index first, Index last, T* out) {
  with_isa<T>([&]<class I>(I) {
    I::sum_neighbours(parts, parts_step, start, height, width, channels, direction, first, last, out);
  });
}

}  // namespace glow::ops
