#include "run/pictures.hpp"

#include <glow/ops/cpu/quantize.hpp>

#include "image/caption.hpp"

namespace glow::app {

std::vector<std::uint8_t> to_pixels(View<const float> x, int bits) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(x.size()));
  ops::quantize<float>(x, bits, pixels);
  return pixels;
}

Tensor<float> from_pixels(std::span<const std::uint8_t> pixels, const Shape& image, int bits) {
  Tensor<float> x(image.samples(static_cast<Index>(pixels.size()) / image.size()));
  ops::centre_of_bins(pixels, bits, x.view());
  return x;
}

Picture to_grid(View<const float> x, int bits, Index columns) {
  return make_grid(to_pixels(x, bits), {x.height(), x.width(), x.channels()}, columns);
}

void require_grid(const char* option, Index count, const Shape& image, Index columns) {
  const Index most = most_grid_images(image, std::min(count, columns));
  require(count <= most, option, ": ", count, " images ", image,
          " make a picture too large to be written; up to ", most, " fit");
}

Picture sample_grid(const AnyModel& model, Index count, Random random, float temperature, Index columns,
                    std::optional<Index> label) {
  return make_grid(draw_images(model, 0, count, random, temperature, label), model.sample_shape(), columns);
}

Picture class_grid(const AnyModel& model, Index count, Random random, float temperature,
                   std::span<const std::string> names) {
  std::vector<std::uint8_t> pixels;
  for (Index label = 0; label < static_cast<Index>(names.size()); ++label) {
    const auto row = draw_images(model, 0, count, random, temperature, label);
    pixels.insert(pixels.end(), row.begin(), row.end());
  }
  Picture grid = make_grid(pixels, model.sample_shape(), count);
  const GridLayout layout =
      grid_layout(count * static_cast<Index>(names.size()), model.sample_shape(), count);
  add_row_captions(grid, layout, {names.begin(), names.end()});
  return grid;
}

}  // namespace glow::app
