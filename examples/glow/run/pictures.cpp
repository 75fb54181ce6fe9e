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

Tensor<float> decode_eps(const GlowModel& model, View<const float> eps, float temperature) {
  Tensor<float> x(eps);
  model.sample_from(x.view(), temperature);
  return x;
}

Tensor<float> draw_eps(const GlowModel& model, Index count, Random random) {
  Tensor<float> eps(model.batch_shape(count));
  fill_normal(eps.view(), random);
  return eps;
}

}  // namespace glow::app
