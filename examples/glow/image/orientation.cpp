#include "image/orientation.hpp"

#include <algorithm>
#include <string_view>

namespace glow::app {

namespace {

using Bytes = std::span<const std::uint8_t>;

bool starts_with(Bytes bytes, std::string_view start) {
  return bytes.size() >= start.size() &&
         std::equal(start.begin(), start.end(), bytes.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// A number of `size` bytes at `at`, which must lie within.
std::size_t number(Bytes bytes, std::size_t at, std::size_t size, bool big_endian) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < size; ++i) n = n << 8 | bytes[at + (big_endian ? i : size - 1 - i)];
  return n;
}

// From EXIF's body, which has the form of a TIFF file: of the first directory, the entry of that tag.
int orientation_in_tiff(Bytes tiff) {
  constexpr std::size_t tag = 0x0112, short_type = 3, entry_size = 12;
  const bool big = starts_with(tiff, std::string_view("MM\0*", 4));
  if (tiff.size() < 8 || !(big || starts_with(tiff, std::string_view("II*\0", 4)))) return 1;
  const std::size_t directory = number(tiff, 4, 4, big);
  if (directory > tiff.size() - 2) return 1;
  const std::size_t count = number(tiff, directory, 2, big);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = directory + 2 + i * entry_size;
    if (entry + entry_size > tiff.size()) return 1;
    if (number(tiff, entry, 2, big) != tag) continue;
    const std::size_t value = number(tiff, entry + 8, 2, big);
    const bool meant = number(tiff, entry + 2, 2, big) == short_type && value >= 1 && value <= 8;
    return meant ? static_cast<int>(value) : 1;
  }
  return 1;
}

int orientation_in_jpeg(Bytes file) {
  constexpr std::uint8_t start_of_scan = 0xda, end_of_image = 0xd9, app1 = 0xe1;
  for (std::size_t at = 2; at + 4 <= file.size();) {
    const std::uint8_t marker = file[at + 1];
    if (file[at] != 0xff || marker == start_of_scan || marker == end_of_image) return 1;
    if (marker == 0xff) {  // padding
      ++at;
      continue;
    }
    const std::size_t length = number(file, at + 2, 2, true);  // its own two bytes included
    if (length < 2 || length > file.size() - at - 2) return 1;
    const Bytes body = file.subspan(at + 4, length - 2);
    if (marker == app1 && starts_with(body, std::string_view("Exif\0\0", 6)))
      return orientation_in_tiff(body.subspan(6));
    at += 2 + length;
  }
  return 1;
}

int orientation_in_png(Bytes file) {
  for (std::size_t at = 8; at + 12 <= file.size();) {
    const std::size_t length = number(file, at, 4, true);
    if (length > file.size() - at - 12) return 1;
    if (starts_with(file.subspan(at + 4), "eXIf")) return orientation_in_tiff(file.subspan(at + 8, length));
    at += 12 + length;
  }
  return 1;
}

}  // namespace

int orientation_of(Bytes file) {
  return starts_with(file, "\x89PNG") ? orientation_in_png(file) : orientation_in_jpeg(file);
}

Picture upright(Picture stored, int orientation) {
  if (orientation == 1) return stored;
  const Index h = stored.height, w = stored.width, c = stored.channels;
  // How the eight place the stored picture, by the visual top and left: 0th row and 0th column of the stored
  // picture are 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right
  // bottom, 8 left bottom.
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool exchanged = exchanges_sides(orientation);
  Picture p{exchanged ? w : h, exchanged ? h : w, c, {}};
  p.pixels.reserve(stored.pixels.size());
  for (Index y = 0; y < p.height; ++y) {
    for (Index x = 0; x < p.width; ++x) {
      const Index row = exchanged ? x : y, column = exchanged ? y : x;
      const Index at = ((from_bottom ? h - 1 - row : row) * w + (from_right ? w - 1 - column : column)) * c;
      p.pixels.insert(p.pixels.end(), stored.pixels.begin() + at, stored.pixels.begin() + at + c);
    }
  }
  return p;
}

}  // namespace glow::app
