#include "run/pictures.hpp"

namespace glow::app {

std::vector<std::uint8_t> to_pixels(View<const float> x, int bits) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(x.size()));
  ops::quantize<float>(x, bits, pixels);
  return pixels;
}

Picture to_grid(View<const float> x, int bits, Index columns) {
  return make_grid(to_pixels(x, bits), {x.height(), x.width(), x.channels()}, columns);
}

void require_grid(const char* option, Index count, const Shape& image, Index columns) {
  const Index most = most_grid_images(image, std::min(count, columns));
  require(count <= most, option, ": ", count, " images ", image,
          " make a picture too large to be written; up to ", most, " fit");
}

Picture sample_grid(const Engine& engine, View<const float> eps, float temperature, Index columns) {
  return make_grid(engine.sample(eps, temperature), {eps.height(), eps.width(), eps.channels()}, columns);
}

Tensor<float> draw_eps(const Engine& engine, Index count, Random random) {
  Tensor<float> eps(engine.batch_shape(count));
  engine.net().draw(eps.view(), random);
  return eps;
}

}  // namespace glow::app
