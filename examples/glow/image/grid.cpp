#include "image/grid.hpp"

#include <algorithm>

namespace glow::app {

namespace {

constexpr Index least_side = 48;  // of a drawn image
constexpr std::uint8_t background = 96;

// Of full rows; rows and height 0 where not one fits.
GridLayout layout_of_most(const Shape& image, Index columns) {
  require<ShapeError>(columns >= 1, "grid: ", columns, " columns, but at least 1 is needed");
  require<ShapeError>(image.rank() == 3 && image.size() > 0, "grid: images ", image, " have no pixels");
  const Index longer = std::max(image[0], image[1]);
  GridLayout grid;
  grid.columns = columns;
  grid.scale = (least_side + longer - 1) / longer;
  grid.border = std::max(Index{1}, longer * grid.scale / 8);
  // By division, for columns may be any number.
  const Index cell_height = image[0] * grid.scale + grid.border;
  const Index cell_width = image[1] * grid.scale + grid.border;
  if (columns > most_png_bytes / (image[2] * cell_width)) return grid;
  grid.width = columns * cell_width + grid.border;
  grid.rows = std::max(Index{0}, most_png_bytes / (grid.width * image[2] + 1) - grid.border) / cell_height;
  grid.height = grid.rows > 0 ? grid.rows * cell_height + grid.border : 0;
  return grid;
}

}  // namespace

Index most_grid_images(const Shape& image, Index columns) {
  return layout_of_most(image, columns).rows * columns;
}

GridLayout grid_layout(Index count, const Shape& image, Index columns) {
  require<ShapeError>(count >= 1, "grid: ", count, " images, but at least 1 is needed");
  GridLayout grid = layout_of_most(image, std::min(columns, count));
  const Index rows = count / grid.columns + (count % grid.columns != 0);
  require<ShapeError>(rows <= grid.rows, "grid: ", count, " images ", image, " with ", grid.columns,
                      " in a row make a picture of more than ", most_png_bytes, " bytes; ",
                      grid.rows * grid.columns, " fit");
  grid.rows = rows;
  grid.height = rows * (image[0] * grid.scale + grid.border) + grid.border;
  return grid;
}

Picture make_grid(std::span<const std::uint8_t> images, const Shape& image, Index columns) {
  require<ShapeError>(image.size() > 0 && static_cast<Index>(images.size()) % image.size() == 0,
                      "grid: ", images.size(), " pixels are not a whole number of images ", image);
  const Index h = image[0], w = image[1], c = image[2];
  const Index count = static_cast<Index>(images.size()) / image.size();
  const GridLayout layout = grid_layout(count, image, columns);
  Picture grid{layout.height, layout.width, c, {}};
  grid.pixels.assign(static_cast<std::size_t>(grid.height * grid.width * c), background);
  for (Index n = 0; n < count; ++n) {
    const Index top = n / layout.columns * (h * layout.scale + layout.border) + layout.border;
    const Index left = n % layout.columns * (w * layout.scale + layout.border) + layout.border;
    for (Index y = 0; y < h * layout.scale; ++y) {
      for (Index x = 0; x < w * layout.scale; ++x) {
        const auto from = images.begin() + ((n * h + y / layout.scale) * w + x / layout.scale) * c;
        std::copy_n(from, c, grid.pixels.begin() + ((top + y) * grid.width + left + x) * c);
      }
    }
  }
  return grid;
}

}  // namespace glow::app
