// Text under a picture and beside it.
#pragma once

#include <string>
#include <vector>

#include "image/grid.hpp"

namespace glow::app {

/// Adds a strip under the picture with `text` in it, broken at spaces where it is wider than the picture;
/// what is not printable ASCII becomes '?'. Pixels [H, W, C] of the picture itself stay as they are. A
/// picture that would have more than `most_png_bytes` with the strip is left without it.
void add_caption(Picture& picture, const std::string& text);

/// Adds a strip under a grid with texts[i] below the middle of its column i. Letters are as large as in
/// add_caption where all texts fit their columns, else half as large, and what does not fit even so is cut
/// off. Else as add_caption.
void add_column_captions(Picture& grid, const GridLayout& layout, const std::vector<std::string>& texts);

/// Adds a strip to the left of a grid, as wide as the longest text but at most half as wide as the grid, with
/// texts[i] beside the middle of its row i. Else as add_column_captions.
void add_row_captions(Picture& grid, const GridLayout& layout, const std::vector<std::string>& texts);

}  // namespace glow::app
