// Palettes of up to 256 colours.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "image/picture.hpp"

namespace glow::app {

/// Red, green, blue.
using Colour = std::array<std::uint8_t, 3>;

/// A picture in few colours.
struct PalettePicture {
  std::vector<Colour> colours;        ///< 1 to 256
  std::vector<std::uint8_t> indices;  ///< [H, W], into colours
};

/// A picture in up to 256 colours of its own. Where it has no more, and for every colour that covers at least
/// 1/256 of it, a colour stays as it is; the others are cut into boxes, always the one with the largest
/// squared deviation from its mean, and become the mean of their box. Grey pictures keep all their greys.
/// Source: P. Heckbert, Color Image Quantization for Frame Buffer Display, 1982; the choice of the box after
/// X. Wu, Efficient Statistical Computations for Optimal Color Quantization, 1991.
PalettePicture to_palette(const Picture& picture);

}  // namespace glow::app
