// Bits per dimension of images of a dataset.
#pragma once

#include "engine/engine.hpp"
#include "run/load_images.hpp"

namespace glow::app {

/// Mean over images, and how many they were.
struct Evaluation {
  Index images = 0;
  double bits_per_dim = 0;
};

/// Evaluates images first ... first + count - 1 of `data`; those that cannot be decoded are left out, and
/// named to `on_skip`. The noise of an image depends on `seed` and its Dataset::key alone, and the mean is
/// summed image by image: so the result is the same for any `batch`, and an image that cannot be decoded
/// changes nothing for the others. Throws FileError if none can be decoded.
Evaluation evaluate(const Engine& engine, const Dataset& data, Index first, Index count, std::uint64_t seed,
                    Index batch, const OnSkip& on_skip);

}  // namespace glow::app
