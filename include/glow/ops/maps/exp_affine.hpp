// Affine map with a soft clamp of its log-scale, y = exp(s) x + mu, s = (2 alpha / pi) atan(a / alpha),
// h = (mu, a): |s| < alpha whatever a is.
// Source: L. Ardizzone, C. Lueth, J. Kruse, C. Rother, U. Koethe, Guided Image Generation with Conditional
// Invertible Neural Networks, 2019 (arXiv 1907.02392), where alpha is 1.9. FrEIA, by the same group, takes
// 0.636 alpha atan(a), with alpha 2 by default.
#pragma once

#include <cmath>
#include <string_view>

#include <glow/ops/maps/strided.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// h = (shift, raw log-scale). The identity where h is 0. The contract of a map is in strided.hpp.
struct ExpAffine {
  static constexpr int outputs = 2;
  static constexpr std::string_view name = "exp";
  static constexpr double clamp = 1.9;  ///< alpha: scales lie between exp(-alpha) and exp(alpha)

  template <class T, class H>
  GLOW_HOST_DEVICE static T forward(T x, const H& h, T& log_scale) {
    log_scale = clamped(T(h[1]));
    return std::exp(log_scale) * x + h[0];
  }

  template <class T, class H>
  GLOW_HOST_DEVICE static T inverse(T y, const H& h, T& log_scale) {
    log_scale = clamped(T(h[1]));
    return (y - h[0]) * std::exp(-log_scale);
  }

  template <class T, class H, class DH>
  GLOW_HOST_DEVICE static T pull(T x, T dy, T dlog, const H& h, DH&& dh) {
    const T a = h[1], dx = dy * std::exp(clamped(a)), in_clamps = a / T(clamp);
    dh[0] = dy;
    dh[1] = (dx * x + dlog) * T(two_over_pi) / (T(1) + in_clamps * in_clamps);
    return dx;
  }

 private:
  static constexpr double two_over_pi = 0.63661977236758134308;

  template <class T>
  GLOW_HOST_DEVICE static T clamped(T a) {
    return T(two_over_pi * clamp) * std::atan(a / T(clamp));
  }
};

}  // namespace glow
