// Shapes of squeezed images, and the order of pixels that a shape tells.
#pragma once

#include <glow/core/shape.hpp>
#include <glow/ops/pixel_order.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// [N, H, W, C] -> [N, H/2, W/2, 4C]
inline Shape squeezed_shape(const Shape& x) { return {x[0], x[1] / 2, x[2] / 2, 4 * x[3]}; }

/// The order in which memory of shape `stored` holds the pixels of `images` [N, H, W, C], or some of their
/// channels: squeezed if it is half as high and half as wide, else in rows.
inline PixelOrder pixel_order(const Shape& images, const Shape& stored) {
  const bool squeezed =
      images.rank() == 4 && stored.rank() == 4 && 2 * stored[1] == images[1] && 2 * stored[2] == images[2];
  return {squeezed ? images[2] : 0};
}

}  // namespace glow::ops
