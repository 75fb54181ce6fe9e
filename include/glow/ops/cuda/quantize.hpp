// Between 8-bit images and the model's numbers on a GPU. The equations are those of ops/dequantized.hpp, the
// kernels are in kernels/quantize.cu.
#pragma once

#include <span>

#include <glow/core/arena.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/ops/bins.hpp>
#include <glow/ops/kernels/quantize.hpp>
#include <glow/ops/squeezed_shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// x = bin(pixels) / bins - 1/2 plus uniform noise of random[0], whose draw i is that of pixels[i]; x has as
/// many elements as there are pixels. For pixels [N, H, W, C], x may have their squeezed shape, and then is
/// squeezed.
template <class T>
void dequantize(View<const std::uint8_t, Cuda> pixels, int n_bits, View<const Random, Cuda> random,
                View<T, Cuda> x) {
  kernels::launch_dequantize<T>(pixels.data(), n_bits, random.data(), x.data(), x.size(),
                                pixel_order(pixels.shape(), x.shape()), pixels.shape().back(),
                                cuda::stream());
}
/// The same for pixels and a stream that the host has; returns when both are on the GPU.
template <class T>
void dequantize(View<const std::uint8_t, Cpu> pixels, int n_bits, Random random, View<T, Cuda> x) {
  const Scratch<std::uint8_t, Cuda> on_gpu(pixels.shape());
  const Scratch<Random, Cuda> random_on_gpu(Shape{1});
  transfer(pixels, on_gpu.view());
  transfer(View<const Random, Cpu>(&random, {1}), random_on_gpu.view());
  dequantize(View<const std::uint8_t, Cuda>(on_gpu), n_bits, View<const Random, Cuda>(random_on_gpu), x);
}

/// The same with a stream for each image, random [N], whose draw d is that of number d of the image: so the
/// noise of an image is the same whatever lies beside it in the batch.
template <class T>
void dequantize_by_image(View<const std::uint8_t, Cpu> pixels, int n_bits, View<const Random, Cpu> random,
                         View<T, Cuda> x) {
  const Scratch<std::uint8_t, Cuda> on_gpu(pixels.shape());
  const Scratch<Random, Cuda> random_on_gpu(random.shape());
  transfer(pixels, on_gpu.view());
  transfer(random, random_on_gpu.view());
  kernels::launch_dequantize_by_image<T>(on_gpu.data(), n_bits, random_on_gpu.data(), random.size(), x.data(),
                                         x.size(), pixel_order(pixels.shape(), x.shape()),
                                         pixels.shape().back(), cuda::stream());
}

/// x = the centre of each pixel's bin: what dequantize gives with its noise at one half.
template <class T>
void centre_of_bins(std::span<const std::uint8_t> pixels, int n_bits, View<T, Cuda> x) {
  bins_of(n_bits);  // checks it
  const Scratch<std::uint8_t, Cuda> on_gpu(Shape{x.size()});
  transfer(View<const std::uint8_t, Cpu>(pixels.data(), {x.size()}), on_gpu.view());
  kernels::launch_centre_of_bins<T>(on_gpu.data(), n_bits, x.data(), x.size(), cuda::stream());
}

/// pixels = floor((x + 1/2) bins) 256 / bins, cut to 0 ... 255; NaN becomes 0. Returns when they have
/// arrived. For pixels [N, H, W, C], x may have their squeezed shape, and then is squeezed.
template <class T>
void quantize(View<const std::type_identity_t<T>, Cuda> x, int n_bits, View<std::uint8_t, Cpu> pixels) {
  bins_of(n_bits);  // checks it
  const Scratch<std::uint8_t, Cuda> on_gpu(pixels.shape());
  kernels::launch_quantize<T>(x.data(), n_bits, on_gpu.data(), x.size(),
                              pixel_order(pixels.shape(), x.shape()), pixels.shape().back(), cuda::stream());
  transfer(View<const std::uint8_t, Cuda>(on_gpu), pixels);
}
/// The same for pixels in the order of x.
template <class T>
void quantize(View<const std::type_identity_t<T>, Cuda> x, int n_bits, std::span<std::uint8_t> pixels) {
  quantize<T>(x, n_bits, View<std::uint8_t, Cpu>(pixels.data(), {x.size()}));
}

}  // namespace glow::ops
