// Philox 4x32-10, the counter-based generator behind all random numbers of the library: the same words on the
// host and in kernels. Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, Parallel Random Numbers: As Easy as 1,
// 2, 3, SC 2011.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

#include <glow/core/host_device.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Four random words for a 128-bit counter under a 64-bit key.
GLOW_HOST_DEVICE inline std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                            std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

/// Names one sequence of random numbers. `seed` is the user's; `stream` tells draws of one run apart (a
/// layer's start, a step's noise, a grid of samples).
struct Random {
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
  std::uint64_t first = 0;  ///< the block of the stream at which this sequence begins

  /// The words 4 * block ... 4 * block + 3 of this sequence.
  GLOW_HOST_DEVICE std::array<std::uint32_t, 4> words(std::uint64_t block) const {
    block += first;
    return philox({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
                   static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)},
                  {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
  }
  /// A sequence apart from this one and from those of other `n`.
  GLOW_HOST_DEVICE Random fork(std::uint64_t n) const {
    const auto w = Random{seed, stream ^ 0x5851F42D4C957F2DULL}.words(n);
    return {seed, (std::uint64_t{w[1]} << 32) | w[0], 0};
  }
};

/// A word as a number of the open interval (0, 1).
GLOW_HOST_DEVICE inline double unit_interval(std::uint32_t word) {
  return (static_cast<double>(word) + 0.5) * 0x1p-32;
}

/// The same in T: in float the draw may round up to 1 - 2^-24 at most.
template <class T>
GLOW_HOST_DEVICE T uniform(std::uint32_t word) {
  if constexpr (sizeof(T) == 4) {
    return (static_cast<T>(word >> 8) + T(0.5)) * T(0x1p-24);
  } else {
    return static_cast<T>(unit_interval(word));
  }
}

/// Four draws of N(0, 1) from four words, by Box and Muller's transform in double.
GLOW_HOST_DEVICE inline std::array<double, 4> box_muller(const std::array<std::uint32_t, 4>& words) {
  std::array<double, 4> normal{};
  for (std::size_t k = 0; k < 4; k += 2) {
    const double r = std::sqrt(-2 * std::log(unit_interval(words[k])));
    const double angle = 2 * std::numbers::pi * unit_interval(words[k + 1]);
    normal[k] = r * std::cos(angle);
    normal[k + 1] = r * std::sin(angle);
  }
  return normal;
}

}  // namespace glow
