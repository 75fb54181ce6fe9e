// From the model's numbers to pictures.
#pragma once

#include "engine/engine.hpp"
#include "image/grid.hpp"

namespace glow::app {

/// Columns of the grids of samples and reconstructions.
inline constexpr Index grid_columns = 8;

/// 8-bit pixels of images x [N, H, W, C] in the model's numbers.
std::vector<std::uint8_t> to_pixels(View<const float> x, int bits);

/// A grid of images x [N, H, W, C], `columns` in a row.
Picture to_grid(View<const float> x, int bits, Index columns);

/// Throws Error, which names the option that asked for them, if `count` images [H, W, C] do not fit a grid
/// with `columns` in a row.
void require_grid(const char* option, Index count, const Shape& image, Index columns);

/// A grid of the images that the engine makes of packed eps [N, H, W, C] at a temperature, `columns` in a
/// row.
Picture sample_grid(const Engine& engine, View<const float> eps, float temperature, Index columns);

/// Packed draws of N(0, I) for `count` images; image i's depend on `random` and i alone.
Tensor<float> draw_eps(const Engine& engine, Index count, Random random);

}  // namespace glow::app
