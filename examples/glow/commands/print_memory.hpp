// The memory of a model as `glow summary --memory` tells it.
#pragma once

#include "run/config.hpp"

namespace glow::app {

/// Prints what training and sampling of the configured model take for images [H, W, C], in MiB by part, or in
/// bytes as one line of JSON.
void print_memory(const Config& config, const Shape& image, bool json);

}  // namespace glow::app
