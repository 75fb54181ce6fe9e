#include "image/picture.hpp"

#include <stb/stb_image_write.h>

#include <glow/io/atomic_file.hpp>

namespace glow::app {

void write_png(const std::filesystem::path& path, const Picture& p) {
  require<FileError>(p.whole(), "'", path.string(), "': a picture of ", p.height, "x", p.width, "x",
                     p.channels, " with ", p.pixels.size(), " bytes cannot be written");
  require<FileError>((p.width * p.channels + 1) * p.height <= most_png_bytes, "'", path.string(),
                     "': a picture of ", p.height, "x", p.width, "x", p.channels, " has more than the ",
                     most_png_bytes, " bytes that can be written as PNG");
  std::string png;
  const auto append = [](void* to, void* data, int size) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
  };
  const int ok = stbi_write_png_to_func(append, &png, static_cast<int>(p.width), static_cast<int>(p.height),
                                        static_cast<int>(p.channels), p.pixels.data(),
                                        static_cast<int>(p.width * p.channels));
  require<FileError>(ok != 0, "'", path.string(), "': a picture of ", p.height, "x", p.width, "x", p.channels,
                     " cannot be encoded as PNG");
  write_file_atomically(path, png);
}

}  // namespace glow::app
