// Images of latents some of which may be too far from the data to have one.
#pragma once

#include "engine/engine.hpp"

namespace glow::app {

/// Decodes packed latents into images x [N, H, W, C]. An image that does not come out finite is left as it is
/// in x; returns how many these are. `labels`: see Engine.
Index decode_finite(const Engine& engine, View<const float> latents, std::span<const Index> labels,
                    View<float> x);

}  // namespace glow::app
