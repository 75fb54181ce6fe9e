// A line of text under a picture.
#pragma once

#include <string>

#include "image/picture.hpp"

namespace glow::app {

/// Adds a strip under the picture with `text` in it, broken at spaces where it is wider than the picture;
/// what is not printable ASCII becomes '?'. Pixels [H, W, C] of the picture itself stay as they are. A
/// picture that would have more than `most_png_bytes` with the strip is left without it.
void add_caption(Picture& picture, const std::string& text);

}  // namespace glow::app
