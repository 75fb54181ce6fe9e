// EXIF's orientation of pictures.
#pragma once

#include "image/picture.hpp"

namespace glow::app {

/// The orientation, 1 to 8, that a JPEG file (in its first EXIF segment) or a PNG file (in its eXIf chunk)
/// gives; 1, upright, where there is none or it cannot be understood.
/// Source: CIPA DC-008, Exif 2.32, tag 0x0112.
int orientation_of(std::span<const std::uint8_t> file);

/// True if an orientation exchanges height and width.
inline bool exchanges_sides(int orientation) { return orientation >= 5; }

/// A picture as stored under an orientation, turned and mirrored to be upright.
Picture upright(Picture stored, int orientation);

}  // namespace glow::app
