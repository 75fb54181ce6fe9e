// Bits per dimension. Source: L. Theis, A. van den Oord, M. Bethge, A Note on the Evaluation of Generative
// Models, ICLR 2016.
#pragma once

#include <cmath>
#include <numbers>

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Bits per dimension of one image: -(log p(z) + logdet - D log(bins)) / (D ln 2), for x = level / bins - 1/2
/// + U(0, 1 / bins).
GLOW_HOST_DEVICE inline double bits_per_dim(double logpz, double logdet, Index dimensions, int bins) {
  const double d = static_cast<double>(dimensions);
  return -(logpz + logdet - d * std::log(static_cast<double>(bins))) / (d * std::numbers::ln2);
}

}  // namespace glow
