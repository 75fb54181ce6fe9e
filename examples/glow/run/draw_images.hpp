// Images that a model draws.
#pragma once

#include <optional>

#include <glow/runtime/any_model.hpp>

namespace glow::app {

/// 8-bit images [count, H, W, C], first ... first + count - 1 of those that `random` draws at a temperature,
/// of class `label` for a model with classes. Image i depends on `random` and i alone. One that does not come
/// out finite, as one in thousands may, is drawn again from other latents, and counted on stderr. Throws
/// NumericError for one that is not finite for ten draws.
std::vector<std::uint8_t> draw_images(const AnyModel& model, Index first, Index count, Random random,
                                      float temperature, std::optional<Index> label);

}  // namespace glow::app
