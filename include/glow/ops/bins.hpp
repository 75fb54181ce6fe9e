// How many levels of an 8-bit number are modelled.
#pragma once

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Number of bins of n_bits; throws Error outside 1 ... 8.
inline int bins_of(int n_bits) {
  require(n_bits >= 1 && n_bits <= 8, "n_bits: ", n_bits, " must be 1 to 8");
  return 1 << n_bits;
}

}  // namespace glow
