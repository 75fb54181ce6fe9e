// Between 8-bit images and the model's numbers on a GPU. The equations are those of ops/dequantized.hpp, the
// kernels are in kernels/quantize.cu.
#pragma once

#include <span>

#include <glow/core/arena.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/kernels/quantize.hpp>
#include <glow/ops/bins.hpp>

namespace glow::ops {

namespace detail {

inline View<const std::uint8_t, Cpu> as_view(std::span<const std::uint8_t> pixels) {
  return {pixels.data(), {static_cast<Index>(pixels.size())}};
}

}  // namespace detail

/// x = bin(pixels) / bins - 1/2 plus uniform noise of random[0]; x has as many elements as there are pixels.
template <class T>
void dequantize(View<const std::uint8_t, Cuda> pixels, int n_bits, View<const Random, Cuda> random,
                View<T, Cuda> x) {
  kernels::launch_dequantize<T>(pixels.data(), n_bits, random.data(), x.data(), x.size(), cuda::stream());
}
/// The same for pixels and a stream that the host has; returns when both are on the GPU.
template <class T>
void dequantize(std::span<const std::uint8_t> pixels, int n_bits, Random random, View<T, Cuda> x) {
  const Scratch<std::uint8_t, Cuda> on_gpu(Shape{static_cast<Index>(pixels.size())});
  const Scratch<Random, Cuda> random_on_gpu(Shape{1});
  transfer(detail::as_view(pixels), on_gpu.view());
  transfer(View<const Random, Cpu>(&random, {1}), random_on_gpu.view());
  dequantize(View<const std::uint8_t, Cuda>(on_gpu), n_bits, View<const Random, Cuda>(random_on_gpu), x);
}

/// x = the centre of each pixel's bin: what dequantize gives with its noise at one half.
template <class T>
void centre_of_bins(std::span<const std::uint8_t> pixels, int n_bits, View<T, Cuda> x) {
  bins_of(n_bits);  // checks it
  const Scratch<std::uint8_t, Cuda> on_gpu(Shape{static_cast<Index>(pixels.size())});
  transfer(detail::as_view(pixels), on_gpu.view());
  kernels::launch_centre_of_bins<T>(on_gpu.data(), n_bits, x.data(), x.size(), cuda::stream());
}

/// pixels = floor((x + 1/2) bins) 256 / bins, cut to 0 ... 255; NaN becomes 0. Returns when they have
/// arrived.
template <class T>
void quantize(View<const std::type_identity_t<T>, Cuda> x, int n_bits, std::span<std::uint8_t> pixels) {
  bins_of(n_bits);  // checks it
  const Scratch<std::uint8_t, Cuda> on_gpu(Shape{x.size()});
  kernels::launch_quantize<T>(x.data(), n_bits, on_gpu.data(), x.size(), cuda::stream());
  transfer(View<const std::uint8_t, Cuda>(on_gpu), View<std::uint8_t, Cpu>(pixels.data(), {x.size()}));
}

}  // namespace glow::ops
