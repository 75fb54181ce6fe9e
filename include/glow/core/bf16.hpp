// bfloat16: the upper half of a float32, 8 bits of exponent and 7 of mantissa.
#pragma once

#include <bit>
#include <cstdint>

#include <glow/core/host_device.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A number in bfloat16, kept in memory and handed to products; arithmetic is done in float.
struct Bf16 {
  std::uint16_t bits;

  Bf16() = default;
  /// Rounds to nearest, ties to even; NaN stays NaN.
  GLOW_HOST_DEVICE explicit Bf16(float x) {
    const auto u = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t rounded = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
    bits = static_cast<std::uint16_t>(x != x ? 0x7fc0u : rounded);
  }
  GLOW_HOST_DEVICE explicit operator float() const {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
  }
};

}  // namespace glow
