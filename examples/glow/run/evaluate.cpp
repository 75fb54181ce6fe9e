#include "run/evaluate.hpp"

namespace glow::app {

Evaluation evaluate(const Engine& engine, const Dataset& data, Index first, Index count, std::uint64_t seed,
                    Index batch, const OnSkip& on_skip) {
  require(batch >= 1, "batch: ", batch, " must be at least 1");
  Evaluation all;
  for (Index at = first; at < first + count; at += batch) {
    const LoadedImages images = load_images(data, at, std::min(batch, first + count - at), on_skip);
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

}  // namespace glow::app
