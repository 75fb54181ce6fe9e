// Affine map that shifts before it scales, y = sigmoid(a + 2) (x + t), h = (t, a). As a family of maps it is
// SigmoidAffine with mu = sigmoid(a + 2) t; as a network's output it is another one, and that of most Glows
// in PyTorch, whose weights therefore need it. Source: published code of D. Kingma, P. Dhariwal, Glow:
// Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018.
#pragma once

#include <string_view>

#include <glow/ops/maps/sigmoid_scaled.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// h = (shift, raw log-scale). The contract of a map is in strided.hpp; scale and limits are SigmoidAffine's.
struct ShiftedAffine : SigmoidScaled<ShiftedAffine> {
  static constexpr int outputs = 2;
  static constexpr std::string_view name = "shifted";

  template <class T>
  GLOW_HOST_DEVICE static T forward_by(T one_over, T x, T t) {
    return (x + t) / one_over;
  }

  template <class T>
  GLOW_HOST_DEVICE static T inverse_by(T one_over, T y, T t) {
    return y * one_over - t;
  }

  template <class T, class DH>
  GLOW_HOST_DEVICE static T pull_by(T one_over, T x, T t, T dy, T dlog, DH&& dh) {
    const T scale = T(1) / one_over, dx = dy * scale;
    dh[0] = dx;
    // d sigmoid / da = sigmoid (1 - sigmoid), d log sigmoid / da = 1 - sigmoid
    dh[1] = (dx * (x + t) + dlog) * (T(1) - scale);
    return dx;
  }
};

}  // namespace glow
