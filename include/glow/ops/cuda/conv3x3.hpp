// Convolution 3x3 on a GPU, as a gather of nine neighbours and a product of cuBLAS. The equation is that of
// ops/cpu/conv3x3.hpp; the kernels are in kernels/neighbours.cu, network_pack.cu and network_layers.cu.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/kernels/neighbours.hpp>
#include <glow/kernels/network_layers.hpp>
#include <glow/kernels/network_pack.hpp>
#include <glow/ops/channel_range.hpp>
#include <glow/ops/cuda/chunks.hpp>
#include <glow/ops/cuda/gemm.hpp>

namespace glow::ops {

/// Packs kernel [3, 3, c, o] as [9c, o] and, for the backward pass, as [c, 9o].
template <class T>
void conv3x3_pack(View<const std::type_identity_t<T>, Cuda> kernel, View<T, Cuda> packed,
                  View<T, Cuda> packed_t) {
  const Index c = kernel.shape()[2], o = kernel.shape()[3];
  kernels::launch_pack_rows(kernel.data(), {1, taps * c, o}, packed.data(), o, cuda::stream());
  kernels::launch_pack_rows(kernel.data(), {taps, c, o}, packed_t.data(), taps * o, cuda::stream());
}

/// x [N, H, W, c], which may be some channels of wider images, -> y [N, H, W, o]; bias [o].
template <class T>
void conv3x3_forward(View<T, Cuda> packed, View<T, Cuda> bias,
                     ChannelRange<const std::type_identity_t<T>, Cuda> x, View<T, Cuda> y) {
  const Index c = x.channels(), o = y.channels(), in = taps * c, image = x.height() * x.width();
  const Index largest = detail::largest_chunk(x.batch(), image, detail::chunk_pixels) * image;
  const Scratch<T, Cuda> x9(Shape{largest, in});
  kernels::launch_repeat_bias<T>(bias.data(), y.data(), y.rows(), o, o, cuda::stream());
  detail::for_each_chunk(x.batch(), image, detail::chunk_pixels, [&](detail::Chunk chunk) {
    const Index first = chunk.first * image, pixels = chunk.images * image;
    kernels::launch_gather_neighbours(x.data() + first * x.stride(), x.stride(), x.height(), x.width(), c,
                                      Taps::same, pixels, x9.data(), in, cuda::stream());
    gemm<T, T>(Precision::full, pixels, o, in, {x9.data(), in}, {packed.data(), o}, 1, y.data() + first * o,
               o);
  });
}

/// d_kernel, d_bias += ..., dx += ... from dy [N, H, W, o]. dx may be empty.
template <class T>
void conv3x3_backward(View<T, Cuda> packed_t, View<T, Cuda> d_kernel, View<T, Cuda> d_bias,
                      ChannelRange<const std::type_identity_t<T>, Cuda> x,
                      View<const std::type_identity_t<T>, Cuda> dy,
                      ChannelRange<std::type_identity_t<T>, Cuda> dx) {
  const Index c = x.channels(), o = dy.channels(), image = x.height() * x.width();
  const Index in = taps * c, out = taps * o;
  const Index largest = detail::largest_chunk(x.batch(), image, detail::chunk_pixels) * image;
  const Scratch<T, Cuda> x9(Shape{largest, in}), dy9(Shape{largest, out}),
      sums(Shape{kernels::column_sum_parts(x.rows()), o});
  detail::for_each_chunk(x.batch(), image, detail::chunk_pixels, [&](detail::Chunk chunk) {
    const Index first = chunk.first * image, pixels = chunk.images * image;
    const T* d = dy.data() + first * o;
    kernels::launch_gather_neighbours(x.data() + first * x.stride(), x.stride(), x.height(), x.width(), c,
                                      Taps::same, pixels, x9.data(), in, cuda::stream());
    gemm<T, T>(Precision::full, in, o, pixels, {x9.data(), in, true}, {d, o}, 1, d_kernel.data(), o);
    if (dx.empty()) return;
    kernels::launch_gather_neighbours(d, o, x.height(), x.width(), o, Taps::mirrored, pixels, dy9.data(), out,
                                      cuda::stream());
    gemm<T, T>(Precision::full, pixels, c, out, {dy9.data(), out}, {packed_t.data(), out, true}, 1,
               dx.data() + first * dx.stride(), dx.stride());
  });
  kernels::launch_add_column_sums(dy.data(), dy.rows(), o, o, sums.data(), d_bias.data(), cuda::stream());
}

}  // namespace glow::ops
