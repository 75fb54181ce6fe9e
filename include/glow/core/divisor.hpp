// Division by a number that many threads or loops share: by a multiplication, since a GPU has no instruction
// that divides, and takes about a hundred to do it in 64 bits. Plain enough for kernels to include.
// Source: T. Granlund, P. Montgomery, Division by Invariant Integers using Multiplication, PLDI 1994,
// theorem 4.2, for numbers of 63 bits.
#pragma once

#include <cstdint>

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Divides any n >= 0 by the same number.
class Divisor {
 public:
  /// By d, from 1 to 2^62.
  explicit Divisor(Index d) : divisor_(d) {
    while ((Index{1} << shift_) < d) ++shift_;
    factor_ = static_cast<std::uint64_t>((Wide{1} << (63 + shift_)) / static_cast<std::uint64_t>(d) + 1);
  }

  /// n / d, rounded down.
  GLOW_HOST_DEVICE Index quotient(Index n) const {
    return static_cast<Index>(
        static_cast<std::uint64_t>(Wide{static_cast<std::uint64_t>(n) * 2} * factor_ >> 64) >> shift_);
  }

  /// n - d (n / d)
  GLOW_HOST_DEVICE Index remainder(Index n) const { return n - quotient(n) * divisor_; }

 private:
  __extension__ typedef unsigned __int128 Wide;

  Index divisor_;
  std::uint64_t factor_;  // 2^(63 + shift) / divisor, rounded up, or one more
  int shift_ = 0;         // the least with 2^shift >= divisor
};

}  // namespace glow
