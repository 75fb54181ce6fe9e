#include "image/picture.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <stb/stb_image.h>
#include <stb/stb_image_write.h>

#include <glow/io/atomic_file.hpp>

namespace glow::app {

namespace {

std::uint8_t to_byte(double v) { return static_cast<std::uint8_t>(std::clamp(std::lround(v), 0L, 255L)); }

// Which old pixels a new one covers along an axis, and how much of each.
struct Cover {
  Index first;
  std::vector<double> weights;  // sum 1
};

std::vector<Cover> covers(Index from, double start, double length, Index to) {
  std::vector<Cover> all;
  const double step = length / static_cast<double>(to);
  for (Index i = 0; i < to; ++i) {
    const double low = start + step * static_cast<double>(i), high = low + step;
    const Index first = std::clamp(static_cast<Index>(std::floor(low)), Index{0}, from - 1);
    const Index last = std::clamp(static_cast<Index>(std::ceil(high)), first + 1, from);
    Cover c{first, {}};
    for (Index p = first; p < last; ++p) {
      const double overlap =
          std::min(high, static_cast<double>(p + 1)) - std::max(low, static_cast<double>(p));
      c.weights.push_back(std::max(overlap, 0.0) / step);
    }
    all.push_back(std::move(c));
  }
  return all;
}

}  // namespace

Picture read_picture(const std::filesystem::path& path, Index channels) {
  int width = 0, height = 0, found = 0;
  const std::unique_ptr<stbi_uc, void (*)(void*)> raw(stbi_load(path.c_str(), &width, &height, &found, 4),
                                                      stbi_image_free);
  if (raw == nullptr) return {};
  Picture p{height, width, channels,
            std::vector<std::uint8_t>(static_cast<std::size_t>(channels * height * width))};
  for (Index i = 0; i < p.height * p.width; ++i) {
    const stbi_uc* from = raw.get() + 4 * i;
    double rgb[3];
    for (int c = 0; c < 3; ++c) rgb[c] = (from[c] * from[3] + 255.0 * (255 - from[3])) / 255;
    std::uint8_t* to = p.pixels.data() + i * channels;
    if (channels == 1) {
      to[0] = to_byte(0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]);  // luma of ITU-R BT.601
    } else {
      for (int c = 0; c < 3; ++c) to[c] = to_byte(rgb[c]);
    }
  }
  return p;
}

Picture resize(const Picture& p, Index height, Index width) {
  require<ShapeError>(p.whole() && height >= 1 && width >= 1, "resize: a picture of ", p.height, "x", p.width,
                      " cannot become ", height, "x", width);
  const double ratio = static_cast<double>(width) / static_cast<double>(height);
  const double full_h = static_cast<double>(p.height), full_w = static_cast<double>(p.width);
  const double cut_h = std::min(full_h, full_w / ratio), cut_w = std::min(full_w, full_h * ratio);
  const auto rows = covers(p.height, (full_h - cut_h) / 2, cut_h, height);
  const auto columns = covers(p.width, (full_w - cut_w) / 2, cut_w, width);
  Picture out{height, width, p.channels, {}};
  out.pixels.reserve(static_cast<std::size_t>(height * width * p.channels));
  for (const Cover& r : rows) {
    for (const Cover& k : columns) {
      for (Index c = 0; c < p.channels; ++c) {
        double sum = 0;
        for (std::size_t y = 0; y < r.weights.size(); ++y) {
          const Index row = r.first + static_cast<Index>(y);
          for (std::size_t x = 0; x < k.weights.size(); ++x) {
            const Index at = (row * p.width + k.first + static_cast<Index>(x)) * p.channels + c;
            sum += r.weights[y] * k.weights[x] * p.pixels[static_cast<std::size_t>(at)];
          }
        }
        // Means of one half go up on every machine, however the sum was rounded.
        out.pixels.push_back(to_byte(sum + 1e-6));
      }
    }
  }
  return out;
}

Picture make_grid(std::span<const std::uint8_t> images, const Shape& image, Index columns) {
  const Index h = image[0], w = image[1], c = image[2];
  require<ShapeError>(columns >= 1, "make_grid: ", columns, " columns, but at least 1 is needed");
  require<ShapeError>(image.size() > 0 && static_cast<Index>(images.size()) % image.size() == 0,
                      "make_grid: ", images.size(), " pixels are no whole number of images ", image);
  const Index count = static_cast<Index>(images.size()) / image.size();
  const Index scale = std::max(Index{1}, (32 + std::max(h, w) - 1) / std::max(h, w));
  const Index border = std::max(Index{1}, std::max(h, w) * scale / 8);
  const Index rows = (count + columns - 1) / columns;
  const Index cell_h = h * scale + border, cell_w = w * scale + border;
  Picture grid{rows * cell_h + border, columns * cell_w + border, c, {}};
  grid.pixels.assign(static_cast<std::size_t>(grid.height * grid.width * c), 96);
  for (Index n = 0; n < count; ++n) {
    const Index top = n / columns * cell_h + border, left = n % columns * cell_w + border;
    for (Index y = 0; y < h * scale; ++y) {
      for (Index x = 0; x < w * scale; ++x) {
        const auto from = images.begin() + ((n * h + y / scale) * w + x / scale) * c;
        std::copy_n(from, c, grid.pixels.begin() + ((top + y) * grid.width + left + x) * c);
      }
    }
  }
  return grid;
}

void write_png(const std::filesystem::path& path, const Picture& p) {
  require<FileError>(p.whole(), "'", path.string(), "': a picture of ", p.height, "x", p.width, "x",
                     p.channels, " with ", p.pixels.size(), " bytes cannot be written");
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
