// From the model's numbers to pictures.
#pragma once

#include "image/picture.hpp"
#include "run/glow_model.hpp"

namespace glow::app {

/// 8-bit pixels of images x [N, H, W, C] in the model's numbers.
std::vector<std::uint8_t> to_pixels(View<const float> x, int bits);

/// A grid of images x [N, H, W, C], `columns` in a row.
Picture to_grid(View<const float> x, int bits, Index columns);

/// Images that the model makes of packed eps [N, H, W, C] at a temperature.
Tensor<float> decode_eps(const GlowModel& model, View<const float> eps, float temperature);

/// Packed draws of N(0, I) for `count` images.
Tensor<float> draw_eps(const GlowModel& model, Index count, Random random);

}  // namespace glow::app
