// One 8-bit number as the model sees it, on the host and in kernels. With b bits there are 2^b bins: x =
// floor(u / 2^(8 - b)) / 2^b - 1/2 + noise, noise ~ U(0, 2^-b). Source: L. Theis, A. van den Oord, M. Bethge,
// A Note on the Evaluation of Generative Models, ICLR 2016.
#pragma once

#include <cmath>
#include <cstdint>

#include <glow/core/host_device.hpp>

namespace glow::ops {

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

}  // namespace glow::ops
