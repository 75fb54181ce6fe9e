// Convolution 3x3, y[p, o] = bias[o] + sum over taps t and channels c of x[neighbour t of p, c] K[t, c, o],
// zero padding.
#pragma once

#include <glow/ops/channel_range.hpp>
#include <glow/ops/cpu/neighbours.hpp>
#include <glow/ops/cpu/outer_products.hpp>
#include <glow/ops/cpu/rows.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Packs kernel [3, 3, c, o] as [9c, o] and, for the backward pass, as [9o, c].
template <class T>
void conv3x3_pack(View<const std::type_identity_t<T>, Cpu> kernel, View<T, Cpu> packed,
                  View<T, Cpu> packed_t) {
  const Index c = kernel.shape()[2], o = kernel.shape()[3];
  const Scratch<T> by_input(Shape{c, taps * o});
  kernel_by_input(c, o, kernel.data(), by_input.data());
  pack<Along::rows>(taps * c, o, packed.data(), kernel.data(), o);
  pack<Along::columns>(taps * o, c, packed_t.data(), by_input.data(), taps * o);
}

/// x [N, H, W, c], which may be some channels of wider images, -> y [N, H, W, o]; bias [o].
template <class T, OrCounted<Cpu> D>
void conv3x3_forward(View<T, D> packed, View<T, D> bias,
                     ChannelRange<const std::type_identity_t<T>, std::type_identity_t<D>> x, View<T, D> y) {
  const Index c = x.channels(), o = y.channels(), in = taps * c;
  parallel_ranges(D(), x.rows(), tile_rows_for(x.rows()), [&](Index first, Index last) {
    const Index n = last - first;
    const Scratch<T, D> x9(Shape{n * in + slack});
    if constexpr (is_counted<D>) return;
    gather_neighbours(x.data(), x.stride(), x.height(), x.width(), c, Taps::same, first, last, x9.data(), in);
    gemm(Product<T>{n, o, in, x9.data(), in, packed.data(), y.data() + first * o, o, Finish::bias,
                    bias.data()});
  });
}

/// d_kernel, d_bias += ..., dx += ... from dy [N, H, W, o]. dx may be empty.
template <class T, OrCounted<Cpu> D>
void conv3x3_backward(View<T, D> packed_t, View<T, D> d_kernel, View<T, D> d_bias,
                      ChannelRange<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                      View<const std::type_identity_t<T>, std::type_identity_t<D>> dy,
                      ChannelRange<std::type_identity_t<T>, std::type_identity_t<D>> dx) {
  const Index c = x.channels(), o = dy.channels(), pixels = x.rows(), in = taps * c, out = taps * o;
  const Scratch<T, D> x9(Shape{pixels, in});
  parallel_ranges(D(), pixels, tile_rows_for(pixels), [&](Index first, Index last) {
    const Index n = last - first;
    const Scratch<T, D> dy9(Shape{dx.empty() ? 0 : n * out + slack});
    if constexpr (is_counted<D>) return;
    gather_neighbours_at(x.data(), x.stride(), x.height(), x.width(), c, Taps::same, first, last, x9.data(),
                         in);
    if (dx.empty()) return;
    gather_neighbours(dy.data(), o, x.height(), x.width(), o, Taps::mirrored, first, last, dy9.data(), out);
    gemm(Product<T>{n, c, out, dy9.data(), out, packed_t.data(), dx.data() + first * dx.stride(), dx.stride(),
                    Finish::add});
  });
  outer_product<T, D>(pixels, {in, o, x9.data(), in, d_kernel.data(), o, Finish::add}, dy.data(), o);
  if constexpr (is_counted<D>) return;
  sum_rows(pixels, o, d_bias.data(), [&](Index r, Index i) { return dy[r * o + i]; });
}

}  // namespace glow::ops
