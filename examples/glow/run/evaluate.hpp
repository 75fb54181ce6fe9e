// Bits per dimension of images of a dataset.
#pragma once

#include <functional>

#include <glow/data/dataset.hpp>

#include "engine/engine.hpp"

namespace glow::app {

/// Mean over images, and how many they were.
struct Evaluation {
  Index images = 0;
  double bits_per_dim = 0;
};

/// Called for an image that cannot be decoded, with its Dataset::failure().
using OnSkip = std::function<void(const std::string& failure)>;

/// Says on stderr that an image is skipped.
void warn_of_skipped(const std::string& failure);

/// Evaluates images first ... first + count - 1 of `data`; those that cannot be decoded are left out, and
/// named to `on_skip`. The noise of an image depends on `seed` and its Dataset::key alone, and the mean is
/// summed image by image: so the result is the same for any `batch`, and an image that cannot be decoded
/// changes nothing for the others. Throws FileError if none can be decoded.
Evaluation evaluate(const Engine& engine, const Dataset& data, Index first, Index count, std::uint64_t seed,
                    Index batch, const OnSkip& on_skip);

/// Pixels [n, H, W, C] of the first `most` images among first ... first + count - 1 that can be decoded; n is
/// less if there are fewer.
std::vector<std::uint8_t> load_pixels(const Dataset& data, Index first, Index count, Index most);

}  // namespace glow::app
