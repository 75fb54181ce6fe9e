// Work that no memory can hold is refused before it begins.
#pragma once

#include "run/config.hpp"

namespace glow::app {

/// Images that one command may be asked for.
inline constexpr Index most_images = 1 << 24;

/// How many images [H, W, C] lie in a row of the pictures that a training run draws.
Index pictured_columns(const Shape& image);
/// How many rows a picture has: for a model with `classes`, the first 16 of these at most, else 0 classes.
Index pictured_rows(const Shape& image, Index classes);

/// Throws Error if training for images [H, W, C] on device "cpu" or "cuda" would take more memory than is
/// available, with both amounts and the largest batch that would fit.
void require_training_memory(const Config& config, const Shape& image, const std::string& device);

/// The same for `count` images at a time through the trained model; `option` is what they are asked for by,
/// such as "--count". Where they are painted, `columns` of them lie in a row of the grid, else it is 0.
/// Throws Error, too, unless they are 1 to most_images.
void require_memory(const Config& config, const Shape& image, const std::string& device, const char* option,
                    Index count, Index columns);

}  // namespace glow::app
