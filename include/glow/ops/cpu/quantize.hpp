// Between 8-bit images and the model's numbers. With b bits there are 2^b bins: x = floor(u / 2^(8 - b)) /
// 2^b - 1/2 + noise, noise ~ U(0, 2^-b), so that the density of x bounds the probability of u. Source: L.
// Theis, A. van den Oord, M. Bethge, A Note on the Evaluation of Generative Models, ICLR 2016.
#pragma once

#include <cstdint>
#include <span>

#include <glow/core/random.hpp>
#include <glow/ops/bins.hpp>
#include <glow/ops/dequantized.hpp>

namespace glow::ops {

/// x = bin(pixels) / bins - 1/2 plus uniform noise of random[0]; x has as many elements as there are pixels.
template <class T>
void dequantize(View<const std::uint8_t, Cpu> pixels, int n_bits, View<const Random, Cpu> random,
                View<T, Cpu> x) {
  fill_uniform(x, random[0]);
  for (Index i = 0; i < x.size(); ++i) x[i] = dequantized(pixels[i], n_bits, x[i]);
}
/// The same for pixels and a stream that the caller has at hand.
template <class T>
void dequantize(std::span<const std::uint8_t> pixels, int n_bits, Random random, View<T, Cpu> x) {
  dequantize(View<const std::uint8_t, Cpu>(pixels.data(), {static_cast<Index>(pixels.size())}), n_bits,
             View<const Random, Cpu>(&random, {1}), x);
}

/// x = the centre of each pixel's bin: what dequantize gives with its noise at one half.
template <class T>
void centre_of_bins(std::span<const std::uint8_t> pixels, int n_bits, View<T, Cpu> x) {
  bins_of(n_bits);  // checks it
  for (Index i = 0; i < x.size(); ++i) {
    x[i] = centre_of_bin<T>(pixels[static_cast<std::size_t>(i)], n_bits);
  }
}

/// pixels = floor((x + 1/2) bins) 256 / bins, cut to 0 ... 255; NaN becomes 0.
template <class T>
void quantize(View<const std::type_identity_t<T>, Cpu> x, int n_bits, std::span<std::uint8_t> pixels) {
  bins_of(n_bits);  // checks it
  for (Index i = 0; i < x.size(); ++i) pixels[static_cast<std::size_t>(i)] = quantized(x[i], n_bits);
}

}  // namespace glow::ops
