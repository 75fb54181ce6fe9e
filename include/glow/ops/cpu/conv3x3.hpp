// Convolution 3x3, y[p, o] = bias[o] + sum over taps t and channels c of x[neighbour t of p, c] K[t, c, o],
// zero padding.
#pragma once

#include <glow/ops/cpu/neighbours.hpp>
#include <glow/ops/cpu/rows.hpp>

namespace glow::ops {

/// Packs kernel [3, 3, c, o] as [9c, o] and, for the backward pass, as [9o, c].
template <class T>
void conv3x3_pack(View<const std::type_identity_t<T>, Cpu> kernel, View<T, Cpu> packed,
                  View<T, Cpu> packed_t) {
  const Index c = kernel.shape()[2], o = kernel.shape()[3];
  pack(taps * c, o, packed.data(), [&](Index i, Index j) { return kernel[i * o + j]; });
  pack(taps * o, c, packed_t.data(), [&](Index i, Index j) { return kernel[(i / o * c + j) * o + i % o]; });
}

/// x [N, H, W, c] -> y [N, H, W, o]; bias [o].
template <class T>
void conv3x3_forward(View<T, Cpu> packed, View<T, Cpu> bias, View<const std::type_identity_t<T>, Cpu> x,
                     View<T, Cpu> y) {
  const Index c = x.channels(), o = y.channels(), in = taps * c;
  parallel_ranges(x.rows(), tile_rows_for(x.rows()), [&](Index first, Index last) {
    Scratch<T> x9(Shape{last - first, in});
    gather_neighbours(x.data(), c, x.height(), x.width(), c, Taps::same, first, last, x9.data());
    T* to = y.data() + first * o;
    gemm(last - first, o, in, Strided<T>{x9.data(), in, 1}, packed.data(), [&](Index i, Index j, auto v) {
      if constexpr (std::is_same_v<decltype(v), T>) {
        to[i * o + j] = v + bias[j];
      } else {
        simd::store<T>(to + i * o + j, v + simd::load<T>(bias.data() + j));
      }
    });
  });
}

/// d_kernel, d_bias += ..., dx += ... from dy [N, H, W, o]. dx may be empty.
template <class T>
void conv3x3_backward(View<T, Cpu> packed_t, View<T, Cpu> d_kernel, View<T, Cpu> d_bias,
                      View<const std::type_identity_t<T>, Cpu> x, View<const std::type_identity_t<T>, Cpu> dy,
                      View<T, Cpu> dx) {
  const Index c = x.channels(), o = dy.channels(), pixels = x.rows();
  Scratch<T> x9(Shape{pixels, taps * c});
  parallel_ranges(pixels, tile_rows_for(pixels), [&](Index first, Index last) {
    gather_neighbours(x.data(), c, x.height(), x.width(), c, Taps::same, first, last,
                      x9.data() + first * taps * c);
    if (dx.empty()) return;
    Scratch<T> dy9(Shape{last - first, taps * o});
    gather_neighbours(dy.data(), o, x.height(), x.width(), o, Taps::mirrored, first, last, dy9.data());
    gemm(last - first, c, taps * o, Strided<T>{dy9.data(), taps * o, 1}, packed_t.data(),
         Accumulate<T>{dx.data() + first * c, c});
  });
  outer_product(pixels, taps * c, o, x9.data(), taps * c, dy.data(), o, Accumulate<T>{d_kernel.data(), o});
  sum_rows(pixels, o, d_bias.data(), [&](Index r, Index i) { return dy[r * o + i]; });
}

}  // namespace glow::ops
