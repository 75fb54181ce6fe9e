// IEEE 754 binary16, as files hold it; nothing is computed in it.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A number in binary16: 5 bits of exponent and 10 of mantissa.
struct Float16 {
  std::uint16_t bits;

  /// Exact.
  explicit operator float() const {
    const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    float x = std::ldexp(static_cast<float>(exponent == 0 ? mantissa : mantissa + 1024),
                         (exponent == 0 ? 1 : exponent) - 25);
    if (exponent == 31)
      x = mantissa == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
    return (bits & 0x8000) != 0 ? -x : x;
  }
};

}  // namespace glow
