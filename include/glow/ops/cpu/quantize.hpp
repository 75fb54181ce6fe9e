// Between 8-bit images and the model's numbers. With b bits there are 2^b bins: x = floor(u / 2^(8 - b)) /
// 2^b - 1/2 + noise, noise ~ U(0, 2^-b), so that the density of x bounds the probability of u. Source: L.
// Theis, A. van den Oord, M. Bethge, A Note on the Evaluation of Generative Models, ICLR 2016.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <glow/core/random.hpp>
#include <glow/ops/bins.hpp>
#include <glow/ops/dequantized.hpp>
#include <glow/ops/squeezed_shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// Calls fn(i, place) for every number i of `pixels` and its place in memory of shape x, which holds them in
// their order or squeezed. A task has a copy of fn, and goes through its numbers in order from a multiple
// of 4.
template <class F>
void for_each_number(const Shape& pixels, const Shape& x, const F& fn) {
  const PixelOrder order = pixel_order(pixels, x);
  const Index c = order.squeezed() ? pixels.back() : 1;
  parallel_ranges(x.size() / c, 1024, [&](Index first, Index last) {
    F of_task = fn;
    order.for_each_run(first, last, [&](Index pixel, Index place, Index count) {
      for (Index i = 0; i < count * c; ++i) of_task(pixel * c + i, place * c + i);
    });
  });
}

}  // namespace detail

/// x = bin(pixels) / bins - 1/2 plus uniform noise of random[0], whose draw i is that of pixels[i]; x has as
/// many elements as there are pixels. For pixels [N, H, W, C], x may have their squeezed shape, and then is
/// squeezed.
template <class T>
void dequantize(View<const std::uint8_t, Cpu> pixels, int n_bits, View<const Random, Cpu> random,
                View<T, Cpu> x) {
  detail::for_each_number(
      pixels.shape(), x.shape(), [=, words = std::array<std::uint32_t, 4>()](Index i, Index place) mutable {
        if (i % 4 == 0) words = random[0].words(static_cast<std::uint64_t>(i / 4));
        x[place] = dequantized(pixels[i], n_bits, uniform<T>(words[static_cast<std::size_t>(i % 4)]));
      });
}
/// The same for a stream that the caller has at hand.
template <class T>
void dequantize(View<const std::uint8_t, Cpu> pixels, int n_bits, Random random, View<T, Cpu> x) {
  dequantize(pixels, n_bits, View<const Random, Cpu>(&random, {1}), x);
}

/// The same for pixels [N, H, W, C] with a stream for each image, random [N], whose draw d is that of number
/// d of the image: so the noise of an image is the same whatever lies beside it in the batch.
template <class T>
void dequantize_by_image(View<const std::uint8_t, Cpu> pixels, int n_bits, View<const Random, Cpu> random,
                         View<T, Cpu> x) {
  parallel_for(pixels.batch(), [&](Index n) {
    dequantize(pixels.samples(n, 1), n_bits, random.samples(n, 1), x.samples(n, 1));
  });
}

/// x = the centre of each pixel's bin: what dequantize gives with its noise at one half.
template <class T>
void centre_of_bins(std::span<const std::uint8_t> pixels, int n_bits, View<T, Cpu> x) {
  bins_of(n_bits);  // checks it
  for (Index i = 0; i < x.size(); ++i) {
    x[i] = centre_of_bin<T>(pixels[static_cast<std::size_t>(i)], n_bits);
  }
}

/// pixels = floor((x + 1/2) bins) 256 / bins, cut to 0 ... 255; NaN becomes 0. For pixels [N, H, W, C], x may
/// have their squeezed shape, and then is squeezed.
template <class T>
void quantize(View<const std::type_identity_t<T>, Cpu> x, int n_bits, View<std::uint8_t, Cpu> pixels) {
  bins_of(n_bits);  // checks it
  detail::for_each_number(pixels.shape(), x.shape(),
                          [=](Index i, Index place) { pixels[i] = quantized(x[place], n_bits); });
}
/// The same for pixels in the order of x.
template <class T>
void quantize(View<const std::type_identity_t<T>, Cpu> x, int n_bits, std::span<std::uint8_t> pixels) {
  quantize<T>(x, n_bits, View<std::uint8_t, Cpu>(pixels.data(), {x.size()}));
}

}  // namespace glow::ops
