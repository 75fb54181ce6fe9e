// Convolution 3x3 on a GPU, by cuDNN, or as a gather of nine neighbours and a product of cuBLAS
// (convolution_choice.hpp). The equation is that of ops/cpu/conv3x3.hpp; the kernels are in
// kernels/neighbours.cu, network_pack.cu, network_layers.cu and convolution_operands.cu.
#pragma once

#include <glow/core/counted.hpp>
#include <glow/ops/channel_range.hpp>
#include <glow/ops/cuda/chunks.hpp>
#include <glow/ops/cuda/convolution.hpp>
#include <glow/ops/cuda/gemm.hpp>
#include <glow/ops/kernels/neighbours.hpp>
#include <glow/ops/kernels/network_layers.hpp>
#include <glow/ops/kernels/network_pack.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

/// Whether a 3x3 convolution to o channels runs on cuDNN.
template <class T>
bool conv3x3_by_cudnn(Index o) {
  return convolution_form<T>(Precision::full, 0, o) == cuda::ConvolutionForm::cudnn;
}

/// Calls fn(convolution, first pixel) for the chunks of a 3x3 convolution of x to o channels.
template <class T, OrCounted<Cuda> D, class Fn>
void for_each_conv3x3(kernels::ConvolutionPass pass, ChannelRange<T, D> x, Index o, Fn fn) {
  const Index image = x.height() * x.width();
  for_each_chunk(x.batch(), image, convolution_pixels, [&](Chunk chunk) {
    fn(kernels::Convolution{pass, Precision::full, chunk.images, x.height(), x.width(), x.channels(), o},
       chunk.first * image);
  });
}

/// Memory for a chunk of pixels of x without gaps, which cuDNN asks for; none where x has no gaps.
template <class T, OrCounted<Cuda> D>
Scratch<float, D> room_without_gaps(ChannelRange<T, D> x) {
  const Index image = x.height() * x.width();
  return Scratch<float, D>(
      Shape{x.has_gaps() ? largest_chunk(x.batch(), image, convolution_pixels) * image : 0, x.channels()});
}

/// `pixels` pixels of x from pixel `first` on without gaps: where they lie, or copied to `room`.
template <OrCounted<Cuda> D>
const float* without_gaps(ChannelRange<const float, D> x, Index first, Index pixels, float* room) {
  const float* from = x.data() + first * x.stride();
  if (!x.has_gaps()) return from;
  if constexpr (is_counted<D>) return room;
  kernels::launch_copy_pixels(from, x.stride(), x.channels(), pixels, room, cuda::stream());
  return room;
}

// bias may be null.
template <OrCounted<Cuda> D>
void conv3x3_forward_by_cudnn(const float* filter, const float* bias,
                              ChannelRange<const float, std::type_identity_t<D>> x, View<float, D> y) {
  const Index o = y.channels();
  const auto room = room_without_gaps(x);
  for_each_conv3x3(kernels::ConvolutionPass::forward, x, o, [&](kernels::Convolution by, Index first) {
    if (bias != nullptr) by.end = kernels::ConvolutionEnd::bias;
    convolve<D>(by, {without_gaps(x, first, pixels_of(by), room.data()), filter, y.data() + first * o, bias});
  });
}

template <OrCounted<Cuda> D>
void conv3x3_add_input_gradient_by_cudnn(const float* filter, View<const float, D> dy,
                                         ChannelRange<float, std::type_identity_t<D>> dx) {
  const Index c = dx.channels(), o = dy.channels();
  const auto room = room_without_gaps(dx);
  for_each_conv3x3(
      kernels::ConvolutionPass::input_gradient, dx, o, [&](kernels::Convolution by, Index first) {
        float* const to = dx.data() + first * dx.stride();
        by.add = !dx.has_gaps();
        convolve<D>(by, {dy.data() + first * o, filter, by.add ? to : room.data()});
        if (by.add || is_counted<D>) return;
        kernels::launch_add_pixels(room.data(), c, pixels_of(by), to, dx.stride(), cuda::stream());
      });
}

template <OrCounted<Cuda> D>
void conv3x3_add_kernel_gradient_by_cudnn(ChannelRange<const float, std::type_identity_t<D>> x,
                                          View<const float, D> dy, float* d_kernel) {
  const Index c = x.channels(), o = dy.channels();
  const Scratch<float, D> filter(Shape{o, taps, c});
  const auto room = room_without_gaps(x);
  for_each_conv3x3(
      kernels::ConvolutionPass::kernel_gradient, x, o, [&](const kernels::Convolution& by, Index first) {
        convolve<D>(
            by, {without_gaps(x, first, pixels_of(by), room.data()), dy.data() + first * o, filter.data()});
        if constexpr (is_counted<D>) return;
        kernels::launch_add_filter(filter.data(), {taps, c, o}, d_kernel, cuda::stream());
      });
}

}  // namespace detail

/// Packs kernel [3, 3, c, o]: for cuDNN as [o, 9, c] twice, else as [9c, o] and, for the backward pass, as
/// [c, 9o].
template <class T>
void conv3x3_pack(View<const std::type_identity_t<T>, Cuda> kernel, View<T, Cuda> packed,
                  View<T, Cuda> packed_t) {
  const Index c = kernel.shape()[2], o = kernel.shape()[3];
  if constexpr (std::is_same_v<T, float>) {
    if (detail::conv3x3_by_cudnn<T>(o)) {
      kernels::launch_pack_filter(kernel.data(), {taps, c, o}, packed.data(), cuda::stream());
      kernels::launch_pack_filter(kernel.data(), {taps, c, o}, packed_t.data(), cuda::stream());
      return;
    }
  }
  kernels::launch_pack_rows(kernel.data(), {1, taps * c, o}, packed.data(), o, cuda::stream());
  kernels::launch_pack_rows(kernel.data(), {taps, c, o}, packed_t.data(), taps * o, cuda::stream());
}

/// x [N, H, W, c], which may be some channels of wider images, -> y [N, H, W, o]; bias [o].
template <class T, OrCounted<Cuda> D>
void conv3x3_forward(View<T, D> packed, View<T, D> bias,
                     ChannelRange<const std::type_identity_t<T>, std::type_identity_t<D>> x, View<T, D> y) {
  const Index c = x.channels(), o = y.channels(), in = taps * c, image = x.height() * x.width();
  if constexpr (std::is_same_v<T, float>) {
    if (detail::conv3x3_by_cudnn<T>(o)) {
      const detail::AlignedBias<T, D> aligned(bias.data(), o);
      return detail::conv3x3_forward_by_cudnn(packed.data(), aligned.data(), x, y);
    }
  }
  const Index largest = detail::largest_chunk(x.batch(), image, detail::chunk_pixels) * image;
  const Scratch<T, D> x9(Shape{largest, in});
  if constexpr (is_counted<D>) return;
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
template <class T, OrCounted<Cuda> D>
void conv3x3_backward(View<T, D> packed_t, View<T, D> d_kernel, View<T, D> d_bias,
                      ChannelRange<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                      View<const std::type_identity_t<T>, std::type_identity_t<D>> dy,
                      ChannelRange<std::type_identity_t<T>, std::type_identity_t<D>> dx) {
  const Index c = x.channels(), o = dy.channels(), image = x.height() * x.width();
  const Index in = taps * c, out = taps * o;
  const Scratch<T, D> sums(Shape{kernels::column_sum_parts(x.rows()), o});
  if constexpr (!is_counted<D>) {
    kernels::launch_add_column_sums(dy.data(), dy.rows(), o, o, sums.data(), d_bias.data(), cuda::stream());
  }
  if constexpr (std::is_same_v<T, float>) {
    if (detail::conv3x3_by_cudnn<T>(o)) {
      detail::conv3x3_add_kernel_gradient_by_cudnn(x, dy, d_kernel.data());
      if (!dx.empty()) detail::conv3x3_add_input_gradient_by_cudnn(packed_t.data(), dy, dx);
      return;
    }
  }
  const Index largest = detail::largest_chunk(x.batch(), image, detail::chunk_pixels) * image;
  const Scratch<T, D> x9(Shape{largest, in}), dy9(Shape{largest, out});
  if constexpr (is_counted<D>) return;
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
}

}  // namespace glow::ops
