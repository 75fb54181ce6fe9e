// One 8-bit number as the model sees it and back, on the host and in kernels. With b bits there are 2^b bins:
// x = floor(u / 2^(8 - b)) / 2^b - 1/2 + noise, noise ~ U(0, 2^-b). Source: L. Theis, A. van den Oord, M.
// Bethge, A Note on the Evaluation of Generative Models, ICLR 2016.
#pragma once

#include <cmath>
#include <cstdint>

#include <glow/core/host_device.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// x of one pixel and a draw of U(0, 1).
template <class T>
GLOW_HOST_DEVICE T dequantized(std::uint8_t pixel, int n_bits, T draw) {
  const T bins = static_cast<T>(1 << n_bits);
  const T bin = static_cast<T>(pixel >> (8 - n_bits));
  // Rounding must not carry a draw near 1 into the next bin; both ends of a bin are exact.
  const T end = (bin + 1) / bins - T(0.5), x = (bin + draw) / bins - T(0.5),
          last = std::nextafter(end, T(-1));
  return x < last ? x : last;
}

/// The centre of a pixel's bin: `dequantized` with its noise at one half.
template <class T>
GLOW_HOST_DEVICE T centre_of_bin(std::uint8_t pixel, int n_bits) {
  return (static_cast<T>(pixel >> (8 - n_bits)) + T(0.5)) / static_cast<T>(1 << n_bits) - T(0.5);
}

/// The pixel of x: floor((x + 1/2) bins) 256 / bins, cut to 0 ... 255; NaN becomes 0.
template <class T>
GLOW_HOST_DEVICE std::uint8_t quantized(T x, int n_bits) {
  const T bins = static_cast<T>(1 << n_bits);
  const T level = std::floor((x + T(0.5)) * bins) * (T(256) / bins);
  if (!(level > T(0))) return 0;
  return static_cast<std::uint8_t>(level < T(255) ? level : T(255));
}

}  // namespace glow::ops
