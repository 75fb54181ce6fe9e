// Images that a model draws.
#pragma once

#include <optional>

#include <glow/runtime/any_model.hpp>

namespace glow::app {

/// 8-bit images [count, H, W, C], see AnyModel::sample_pixels; all of class `label` for a model with classes.
std::vector<std::uint8_t> draw_images(const AnyModel& model, Index first, Index count, Random random,
                                      float temperature, std::optional<Index> label);

}  // namespace glow::app
