#include "run/evaluate.hpp"

#include <glow/core/warning.hpp>

namespace glow::app {

void warn_of_skipped(const std::string& failure) { warn(failure, "; skipped"); }

Evaluation evaluate(const Engine& engine, const Dataset& data, Index first, Index count, int bits,
                    std::uint64_t seed, Index batch, const OnSkip& on_skip) {
  require(batch >= 1, "batch: ", batch, " must be at least 1");
  Evaluation all;
  for (Index at = first; at < first + count; at += batch) {
    std::vector<std::uint8_t> pixels;
    std::vector<Random> noise;
    for (Index i = at; i < std::min(at + batch, first + count); ++i) {
      std::vector<std::uint8_t> image(static_cast<std::size_t>(data.shape().size()));
      if (data.load(i, image.data())) {
        pixels.insert(pixels.end(), image.begin(), image.end());
        noise.push_back(Random{seed, 5}.fork(data.key(i)));
      } else {
        on_skip(data.failure(i));
      }
    }
    for (const double b : engine.bits_per_dim(pixels, bits, noise, batch)) {
      all.bits_per_dim += b;
      ++all.images;
    }
  }
  require<FileError>(all.images > 0, "evaluate: none of ", count, " images can be decoded");
  all.bits_per_dim /= static_cast<double>(all.images);
  return all;
}

std::vector<std::uint8_t> load_pixels(const Dataset& data, Index first, Index count, Index most) {
  std::vector<std::uint8_t> pixels, image(static_cast<std::size_t>(data.shape().size()));
  Index loaded = 0;
  for (Index i = first; i < first + count && loaded < most; ++i) {
    if (!data.load(i, image.data())) continue;
    pixels.insert(pixels.end(), image.begin(), image.end());
    ++loaded;
  }
  return pixels;
}

}  // namespace glow::app
