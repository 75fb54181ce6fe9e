#include "run/evaluate.hpp"

#include <iostream>

namespace glow::app {

void warn_of_skipped(const std::string& name) {
  std::cerr << "glow: warning: '" << name << "' cannot be decoded; skipped\n";
}

Evaluation evaluate(const Engine& engine, const Dataset& data, Index first, Index count, int bits,
                    std::uint64_t seed, Index batch, const OnSkip& on_skip) {
  Evaluation all;
  for (Index at = first; at < first + count; at += batch) {
    std::vector<std::uint8_t> pixels;
    for (Index i = at; i < std::min(at + batch, first + count); ++i) {
      std::vector<std::uint8_t> image(static_cast<std::size_t>(data.shape().size()));
      if (data.load(i, image.data())) {
        pixels.insert(pixels.end(), image.begin(), image.end());
      } else {
        on_skip(data.name(i));
      }
    }
    if (pixels.empty()) continue;
    const Index n = static_cast<Index>(pixels.size()) / data.shape().size();
    const Random noise = Random{seed, 5}.fork(static_cast<std::uint64_t>(at));
    all.bits_per_dim += engine.mean_bits_per_dim(pixels, bits, noise, batch) * static_cast<double>(n);
    all.images += n;
  }
  require<FileError>(all.images > 0, "evaluate: none of ", count, " images can be decoded");
  all.bits_per_dim /= static_cast<double>(all.images);
  return all;
}

std::vector<std::uint8_t> load_pixels(const Dataset& data, Index first, Index count) {
  std::vector<std::uint8_t> pixels, image(static_cast<std::size_t>(data.shape().size()));
  for (Index i = first; i < data.size() && static_cast<Index>(pixels.size()) < count * data.shape().size();
       ++i) {
    if (data.load(i, image.data())) pixels.insert(pixels.end(), image.begin(), image.end());
  }
  return pixels;
}

}  // namespace glow::app
