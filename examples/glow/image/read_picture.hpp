// Picture files from anywhere, as pictures of 8 bits.
#pragma once

#include "image/picture.hpp"
#include "image/picture_reader.hpp"

namespace glow::app {

/// Pixels beyond which a picture is not decoded, unless another limit is asked for.
inline constexpr Index default_most_pixels = 100'000'000;

/// Decodes a JPEG or PNG file; its first bytes tell which. EXIF's orientation is followed. Grey is repeated
/// or colour becomes its luma to have `channels` channels (1 or 3), and transparency is laid over white.
///
/// Throws PictureError, with the reason, for any other file, one that is damaged or cut short, and one whose
/// header gives more than `most_pixels` pixels, for which no memory is taken.
Picture decode_picture(std::span<const std::uint8_t> file, Index channels,
                       Index most_pixels = default_most_pixels);

/// The same, cut and resized to `image` [H, W, C] while it is decoded. Beside the file this takes memory for
/// some rows and for 9 bytes a channel and pixel of `image`. Only an interlaced PNG or a JPEG of several
/// scans is held whole, with up to 8 bytes a pixel; such pictures wait for one another, so that all threads
/// together hold no more than 8 times `most_pixels` bytes.
Picture decode_picture(std::span<const std::uint8_t> file, const Shape& image,
                       Index most_pixels = default_most_pixels);

/// decode_picture() of a file on disk. Throws PictureError as well for a file of more than 8 `most_pixels`
/// bytes, which no picture of so many pixels needs, and FileError, with the file's name, for one that cannot
/// be read.
Picture read_picture(const std::filesystem::path& path, const Shape& image,
                     Index most_pixels = default_most_pixels);

/// A picture file in its own size; an empty picture (height 0) if it cannot be decoded.
Picture read_picture(const std::filesystem::path& path, Index channels);

}  // namespace glow::app
