// From the model's numbers to pictures.
#pragma once

#include <span>
#include <string>

#include "image/grid.hpp"
#include "run/draw_images.hpp"

namespace glow::app {

/// Columns of the grids of samples and reconstructions.
inline constexpr Index grid_columns = 8;

/// 8-bit pixels of images x [N, H, W, C] in the model's numbers.
std::vector<std::uint8_t> to_pixels(View<const float> x, int bits);

/// The same backwards, x [N, H, W, C] of 8-bit pixels of images [H, W, C]: the middle of each pixel's bin.
Tensor<float> from_pixels(std::span<const std::uint8_t> pixels, const Shape& image, int bits);

/// A grid of images x [N, H, W, C], `columns` in a row.
Picture to_grid(View<const float> x, int bits, Index columns);

/// Throws Error, which names the option that asked for them, if `count` images [H, W, C] do not fit a grid
/// with `columns` in a row.
void require_grid(const char* option, Index count, const Shape& image, Index columns);

/// A grid of `count` images of draw_images, `columns` in a row.
Picture sample_grid(const AnyModel& model, Index count, Random random, float temperature, Index columns,
                    std::optional<Index> label = std::nullopt);

/// A grid with a row for each of the first classes, whose `names` stand beside the rows: `count` images of
/// draw_images each, all of the same latents.
Picture class_grid(const AnyModel& model, Index count, Random random, float temperature,
                   std::span<const std::string> names);

}  // namespace glow::app
