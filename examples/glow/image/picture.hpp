// Pictures in memory, and as files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include <glow/core/shape.hpp>

namespace glow::app {

/// An 8-bit image [height, width, channels], channels 1 (grey) or 3 (red, green, blue).
struct Picture {
  Index height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> pixels;

  /// True if it has pixels, 1 or 3 channels, and as many bytes as its extents say.
  bool whole() const {
    return height >= 1 && width >= 1 && (channels == 1 || channels == 3) &&
           static_cast<Index>(pixels.size()) == height * width * channels;
  }
};

/// Reads a JPEG or PNG file as `channels` channels: grey is repeated, colour becomes its luma, transparency
/// is laid over white. An empty picture (height 0) if it cannot be decoded.
Picture read_picture(const std::filesystem::path& path, Index channels);

/// The middle of the picture, cut to the ratio height : width, as height x width by the mean over the area
/// that each new pixel covers; one half is rounded up. Throws ShapeError for an empty picture or size.
Picture resize(const Picture& picture, Index height, Index width);

/// Images [N, H, W, C] side by side, `columns` in a row, with a border of 1/8 image (at least a pixel) around
/// each, small images magnified by a whole number so that the longer side has at least 32 pixels. Throws
/// ShapeError for less than one column or pixels that are no whole number of images.
Picture make_grid(std::span<const std::uint8_t> images, const Shape& image, Index columns);

/// Writes a PNG file atomically; throws FileError.
void write_png(const std::filesystem::path& path, const Picture& picture);

/// Writes an endlessly looping GIF of the pictures frame(0) ... frame(count - 1), `hundredths` of a second
/// each, atomically. They are asked for one after the other, and one at a time is in memory. Empty ones
/// (height 0) are left out; the others must have the size and channels of the first. Throws FileError.
void write_gif(const std::filesystem::path& path, Index count, const std::function<Picture(Index)>& frame,
               int hundredths);
/// The same of pictures that are in memory.
inline void write_gif(const std::filesystem::path& path, std::span<const Picture> frames, int hundredths) {
  write_gif(
      path, static_cast<Index>(frames.size()),
      [frames](Index i) { return frames[static_cast<std::size_t>(i)]; }, hundredths);
}

}  // namespace glow::app
