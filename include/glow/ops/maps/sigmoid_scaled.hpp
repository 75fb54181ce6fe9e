// What the maps share whose scale is sigmoid(a + 2), where a = h[1].
#pragma once

#include <glow/ops/affine_scale.hpp>
#include <glow/ops/maps/strided.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The verbs of a map, whose contract is in strided.hpp, from those of `Map` that take one_over = 1 /
/// sigmoid(a + 2) and the shift h[0]: loops that take scales a vector at a time call these.
///
///   forward_by(one_over, x, shift) -> y
///   inverse_by(one_over, y, shift) -> x
///   pull_by(one_over, x, shift, dy, dlog, dh) -> dx
template <class Map>
struct SigmoidScaled {
  template <class T, class H>
  GLOW_HOST_DEVICE static T forward(T x, const H& h, T& log_scale) {
    const ops::AffineScale<T> scale(h[1]);
    log_scale = scale.log_scale;
    return Map::forward_by(scale.inverse, x, T(h[0]));
  }

  template <class T, class H>
  GLOW_HOST_DEVICE static T inverse(T y, const H& h, T& log_scale) {
    const ops::AffineScale<T> scale(h[1]);
    log_scale = scale.log_scale;
    return Map::inverse_by(scale.inverse, y, T(h[0]));
  }

  template <class T, class H, class DH>
  GLOW_HOST_DEVICE static T pull(T x, T dy, T dlog, const H& h, DH&& dh) {
    return Map::pull_by(ops::AffineScale<T>(h[1]).inverse, x, T(h[0]), dy, dlog, dh);
  }
};

}  // namespace glow
