// Sheets of images.
#pragma once

#include "image/picture.hpp"

namespace glow::app {

/// Where the images of a grid lie, in pixels.
struct GridLayout {
  Index columns = 0, rows = 0;
  Index scale = 1;   ///< each pixel of an image becomes scale x scale
  Index border = 1;  ///< around each image
  Index height = 0, width = 0;
};

/// The layout of `count` images [H, W, C], up to `columns` in a row: a border of 1/8 image (at least a pixel)
/// around each, and small images magnified by a whole number so that the longer side has at least 48 pixels.
/// Throws ShapeError for no images or columns, and if the grid has more than `most_png_bytes`, saying how
/// many images fit.
GridLayout grid_layout(Index count, const Shape& image, Index columns);

/// The largest count of images [H, W, C] that grid_layout takes with that many columns full; 0 if not even
/// one row fits.
Index most_grid_images(const Shape& image, Index columns);

/// Images [N, H, W, C] side by side, as grid_layout says. Throws ShapeError for pixels that are no whole
/// number of images, and what grid_layout throws.
Picture make_grid(std::span<const std::uint8_t> images, const Shape& image, Index columns);

}  // namespace glow::app
