// The scale of an affine coupling, sigmoid(h + 2), of a raw log-scale h: one equation for every device.
#pragma once

#include <cmath>

#include <glow/core/host_device.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// With e = exp(-(h + 2)): scale = 1 / (1 + e), and log scale = -softplus(-(h + 2)), finite for every h.
template <class T>
struct AffineScale {
  static constexpr int offset = 2;

  T inverse;    ///< 1 + e
  T log_scale;  ///< -softplus(-(h + 2))

  GLOW_HOST_DEVICE explicit AffineScale(T h) {
    const T a = h + T(offset);
    log_scale = (a < T(0) ? a : T(0)) - std::log1p(std::exp(-std::abs(a)));
    inverse = T(1) + std::exp(-a);
  }
};

}  // namespace glow::ops
