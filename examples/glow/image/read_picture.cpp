#include "image/read_picture.hpp"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <string_view>

#include <glow/io/atomic_file.hpp>

#include "image/orientation.hpp"
#include "image/resize.hpp"

namespace glow::app {

namespace {

using File = std::span<const std::uint8_t>;

std::unique_ptr<PictureReader> open_picture(File file) {
  const auto starts_with = [&](std::string_view start) {
    return file.size() >= start.size() &&
           std::equal(start.begin(), start.end(), file.begin(),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
  };
  if (starts_with("\xff\xd8\xff")) return open_jpeg(file);
  if (starts_with("\x89PNG\r\n\x1a\n")) return open_png(file);
  throw PictureError("its first bytes are neither those of a JPEG nor of a PNG file");
}

// While it lives, room for the pixels of a picture that is held whole; made once the others leave enough.
class Room {
 public:
  Room(Index pixels, Index most_pixels) : pixels_(pixels) {
    std::unique_lock lock(mutex());
    freed().wait(lock, [&] { return taken() == 0 || taken() + pixels <= most_pixels; });
    taken() += pixels;
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() {
    {
      const std::lock_guard lock(mutex());
      taken() -= pixels_;
    }
    freed().notify_all();
  }

 private:
  static std::mutex& mutex() {
    static std::mutex m;
    return m;
  }
  static std::condition_variable& freed() {
    static std::condition_variable v;
    return v;
  }
  static Index& taken() {
    static Index pixels = 0;
    return pixels;
  }

  Index pixels_;
};

std::uint8_t to_byte(double v) { return static_cast<std::uint8_t>(std::clamp(std::lround(v), 0L, 255L)); }

// Pixels of `from` channels as pixels of 1 or 3.
void convert(const std::uint8_t* pixel, Index width, Index from, Index channels, std::uint8_t* to) {
  if (from == channels) {
    std::copy_n(pixel, width * channels, to);
    return;
  }
  const bool opacity = from == 2 || from == 4, grey = from <= 2;
  for (Index x = 0; x < width; ++x, pixel += from, to += channels) {
    const int opaque = opacity ? pixel[from - 1] : 255;
    double rgb[3];
    for (int c = 0; c < 3; ++c) rgb[c] = (pixel[grey ? 0 : c] * opaque + 255.0 * (255 - opaque)) / 255;
    if (channels == 1) {
      to[0] = to_byte(grey ? rgb[0] : 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]);  // ITU-R BT.601
    } else {
      for (int c = 0; c < 3; ++c) to[c] = to_byte(rgb[c]);
    }
  }
}

// An opened file within the limit, and the shrinkage to which its rows are decoded.
std::unique_ptr<PictureReader> open_within(File file, Index most_pixels) {
  auto reader = open_picture(file);
  const PictureHeader& header = reader->header();
  require<PictureError>(header.height >= 1 && header.width >= 1, "it has no pixels");
  require<PictureError>(header.height <= most_pixels / header.width, header.height, "x", header.width,
                        " pixels are more than the limit of ", most_pixels, " (see --max-megapixels)");
  return reader;
}

// Gives all rows, converted, to row(pixels).
template <class TakeRow>
void for_each_row(PictureReader& reader, Index channels, TakeRow row) {
  const auto [height, width, from, kept_whole] = reader.header();
  // Rows that begin at a multiple of 16 or 32 bytes libjpeg-turbo writes past the cache, from where they
  // would have to be fetched back at once, which takes longer than to decode them. So this one begins beside
  // it.
  std::vector<std::uint8_t> buffer(static_cast<std::size_t>(width * from) + 1);
  std::uint8_t* const decoded = buffer.data() + 1;
  std::vector<std::uint8_t> converted(static_cast<std::size_t>(width * channels));
  for (Index y = 0; y < height; ++y) {
    reader.read_row(decoded);
    convert(decoded, width, from, channels, converted.data());
    row(converted);
  }
  reader.finish();
}

// All rows as they come, as a picture.
Picture unresized(PictureReader& reader, Index channels) {
  Picture stored{reader.header().height, reader.header().width, channels, {}};
  stored.pixels.reserve(static_cast<std::size_t>(stored.height * stored.width * channels));
  for_each_row(reader, channels, [&](const std::vector<std::uint8_t>& row) {
    stored.pixels.insert(stored.pixels.end(), row.begin(), row.end());
  });
  return stored;
}

Index held_pixels(const PictureHeader& header) {
  return header.kept_whole ? header.height * header.width : 0;
}

}  // namespace

Picture decode_picture(File file, Index channels, Index most_pixels) {
  const auto reader = open_within(file, most_pixels);
  const Room room(held_pixels(reader->header()), most_pixels);
  reader->start(1);
  return upright(unresized(*reader, channels), orientation_of(file));
}

Picture decode_picture(File file, const Shape& image, Index most_pixels) {
  const int orientation = orientation_of(file);
  const Index height = image[exchanges_sides(orientation) ? 1 : 0];
  const Index width = image[exchanges_sides(orientation) ? 0 : 1];
  const auto reader = open_within(file, most_pixels);
  const PictureHeader& header = reader->header();
  const Room room(held_pixels(header), most_pixels);
  // A decoder's own shrinking is coarse: the last factor of two or more is left to the resizer.
  reader->start(std::max(1.0, shrinkage(header.height, header.width, height, width) / 2));
  if (header.height == height && header.width == width)
    return upright(unresized(*reader, image[2]), orientation);
  Resizer resizer(header.height, header.width, image[2], height, width);
  for_each_row(*reader, image[2], [&](const std::vector<std::uint8_t>& row) { resizer.add(row.data()); });
  return upright(resizer.picture(), orientation);
}

Picture read_picture(const std::filesystem::path& path, const Shape& image, Index most_pixels) {
  std::error_code error;  // a file whose size cannot be had is read_file's to refuse
  const auto size = std::filesystem::file_size(path, error);
  require<PictureError>(error || size / 8 <= static_cast<std::uintmax_t>(most_pixels), "its ", size,
                        " bytes are more than pictures within the limit of ", most_pixels,
                        " pixels need (see --max-megapixels)");
  const auto bytes = read_file(path);
  return decode_picture(File(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), image,
                        most_pixels);
}

Picture read_picture(const std::filesystem::path& path, Index channels) {
  try {
    const auto bytes = read_file(path);
    return decode_picture(File(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), channels);
  } catch (const FileError&) {
    return {};
  }
}

}  // namespace glow::app
