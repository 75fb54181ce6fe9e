#include "run/evaluate.hpp"

#include <cstring>

#include <glow/core/parallel.hpp>
#include <glow/core/warning.hpp>

namespace glow::app {

void warn_of_skipped(const std::string& failure) { warn(failure, "; skipped"); }

namespace {

// Images of a dataset that can be decoded.
struct Images {
  std::vector<std::uint8_t> pixels;
  std::vector<Index> indices;
};

// Images first ... first + count - 1, decoded on the library's threads.
Images load_images(const Dataset& data, Index first, Index count, const OnSkip& on_skip) {
  const auto image = static_cast<std::size_t>(data.shape().size()), n = static_cast<std::size_t>(count);
  Images images;
  images.pixels.resize(n * image);
  std::vector<char> loaded(n);
  parallel_for(count, [&](Index i) {
    const auto k = static_cast<std::size_t>(i);
    loaded[k] = data.load(first + i, images.pixels.data() + k * image);
  });
  for (std::size_t k = 0; k < n; ++k) {
    if (!loaded[k]) {
      on_skip(data.failure(first + static_cast<Index>(k)));
      continue;
    }
    std::memmove(images.pixels.data() + images.indices.size() * image, images.pixels.data() + k * image,
                 image);
    images.indices.push_back(first + static_cast<Index>(k));
  }
  images.pixels.resize(images.indices.size() * image);
  return images;
}

}  // namespace

Evaluation evaluate(const Engine& engine, const Dataset& data, Index first, Index count, std::uint64_t seed,
                    Index batch, const OnSkip& on_skip) {
  require(batch >= 1, "batch: ", batch, " must be at least 1");
  Evaluation all;
  for (Index at = first; at < first + count; at += batch) {
    const Images images = load_images(data, at, std::min(batch, first + count - at), on_skip);
    std::vector<Random> noise;
    for (const Index i : images.indices) noise.push_back(Random{seed, 5}.fork(data.key(i)));
    for (const double b : engine.bits_per_dim(images.pixels, noise, batch)) {
      all.bits_per_dim += b;
      ++all.images;
    }
  }
  require<FileError>(all.images > 0, "evaluate: none of ", count, " images can be decoded");
  all.bits_per_dim /= static_cast<double>(all.images);
  return all;
}

std::vector<std::uint8_t> load_pixels(const Dataset& data, Index first, Index count, Index most) {
  std::vector<std::uint8_t> pixels;
  const Index image = data.shape().size(), end = first + count;
  for (Index at = first, wanted = most; at < end && wanted > 0;) {
    const Index n = std::min(wanted, end - at);
    const Images images = load_images(data, at, n, [](const std::string&) {});
    pixels.insert(pixels.end(), images.pixels.begin(), images.pixels.end());
    at += n;
    wanted = most - static_cast<Index>(pixels.size()) / image;
  }
  return pixels;
}

}  // namespace glow::app
