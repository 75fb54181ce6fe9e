// The 3x3 neighbourhood of a pixel as nine taps, row by row; tap t lies at offset (t / 3 - 1, t % 3 - 1).
// Pixels outside the image count as zero. Plain enough for kernels to include.
#pragma once

#include <glow/core/divisor.hpp>
#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

inline constexpr Index taps = 9;

/// Which neighbour a tap names: `same` at p + offset (convolution), `mirrored` at p - offset (its transpose).
enum class Taps : int { same = 1, mirrored = -1 };

/// Finds pixels, counted through a batch of images height x width, in their images.
class PixelGrid {
 public:
  struct Place {
    Index row, column;
  };

  PixelGrid(Index height_, Index width_)
      : height(height_), width(width_), by_height_(height_), by_width_(width_) {}

  GLOW_HOST_DEVICE Place place(Index pixel) const {
    const Index row = by_width_.quotient(pixel);  // counted through the batch
    return {by_height_.remainder(row), pixel - row * width};
  }

  Index height, width;

 private:
  Divisor by_height_, by_width_;
};

namespace detail {

// Calls fn(tap, neighbour) for the taps of `pixel` (counted through the batch) that lie inside its image; tap
// t lies `reach` times its offset away: the direction of its taps times their dilation.
template <class F>
GLOW_HOST_DEVICE void for_each_tap(const PixelGrid& grid, Index reach, Index pixel, F fn) {
  const Index height = grid.height, width = grid.width;
  const auto [row, column] = grid.place(pixel);
  for (Index dy = -1; dy <= 1; ++dy) {
    if (const Index r = row + reach * dy; r < 0 || r >= height) continue;
    for (Index dx = -1; dx <= 1; ++dx) {
      if (const Index c = column + reach * dx; c < 0 || c >= width) continue;
      fn(3 * (dy + 1) + dx + 1, pixel + reach * (dy * width + dx));
    }
  }
}

}  // namespace detail

}  // namespace glow::ops
