// Images of latents some of which may be too far from the data to have one.
#pragma once

#include <glow/runtime/any_model.hpp>

namespace glow::app {

/// Decodes packed latents into images x [N, H, W, C]. An image that does not come out finite is left as it is
/// in x; returns how many these are. `labels`: see AnyModel.
Index decode_finite(const AnyModel& model, View<const float> latents, std::span<const Index> labels,
                    View<float> x);

}  // namespace glow::app
