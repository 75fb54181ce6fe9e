// Affine map with a scale below 1, y = sigmoid(a + 2) x + mu, h = (mu, a).
// Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using Real NVP, ICLR 2017, section 3.2;
// the scale is that of Kingma and Dhariwal's Glow (2018).
#pragma once

#include <string_view>

#include <glow/ops/maps/sigmoid_scaled.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// h = (shift, raw log-scale). The contract of a map is in strided.hpp. The scale is sigmoid(2) where h is 0.
/// It underflows for a raw log-scale below -89 in float: y keeps nothing of x then, and the inverse is not
/// finite.
struct SigmoidAffine : SigmoidScaled<SigmoidAffine> {
  static constexpr int outputs = 2;
  static constexpr std::string_view name = "affine";

  template <class T>
  GLOW_HOST_DEVICE static T forward_by(T one_over, T x, T mu) {
    return x / one_over + mu;
  }

  template <class T>
  GLOW_HOST_DEVICE static T inverse_by(T one_over, T y, T mu) {
    return (y - mu) * one_over;
  }

  template <class T, class DH>
  GLOW_HOST_DEVICE static T pull_by(T one_over, T x, T, T dy, T dlog, DH&& dh) {
    const T scale = T(1) / one_over, dx = dy * scale;
    dh[0] = dy;
    // d sigmoid / da = sigmoid (1 - sigmoid), d log sigmoid / da = 1 - sigmoid
    dh[1] = (dx * x + dlog) * (T(1) - scale);
    return dx;
  }
};

}  // namespace glow
