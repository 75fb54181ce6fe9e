// Additive map, y = x + h; its log-scale is 0.
// Source: L. Dinh, D. Krueger, Y. Bengio, NICE: Non-linear Independent Components Estimation, 2014,
// section 3.2.
#pragma once

#include <string_view>

#include <glow/ops/maps/strided.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// h = (shift). The identity where h is 0. The contract of a map is in strided.hpp.
struct Additive {
  static constexpr int outputs = 1;
  static constexpr std::string_view name = "additive";

  template <class T, class H>
  GLOW_HOST_DEVICE static T forward(T x, const H& h, T& log_scale) {
    log_scale = 0;
    return x + h[0];
  }

  template <class T, class H>
  GLOW_HOST_DEVICE static T inverse(T y, const H& h, T& log_scale) {
    log_scale = 0;
    return y - h[0];
  }

  template <class T, class H, class DH>
  GLOW_HOST_DEVICE static T pull(T, T dy, T, const H&, DH&& dh) {
    dh[0] = dy;
    return dy;
  }
};

}  // namespace glow
