// Likelihoods of images of a dataset.
#pragma once

#include <optional>

#include <glow/ranks/any_ranks.hpp>
#include <glow/runtime/any_model.hpp>

#include "run/config.hpp"
#include "run/load_images.hpp"

namespace glow::app {

/// Means over images, and how many they were.
struct Evaluation {
  Index images = 0;
  double bits_per_dim = 0;  ///< of a model with classes, given each image's class

  /// What a model with K classes y says of images x whose class it is not told.
  struct Classes {
    double bits_per_dim = 0;              ///< of p(x) = sum over y of p(x | y) / K
    double accuracy = 0;                  ///< share of images whose class is the y of the highest p(x | y)
    std::optional<double> head_accuracy;  ///< the same by the classifier; none where latents depend on y
  };
  std::optional<Classes> classes;
};

/// Evaluates images first ... first + count - 1 of `data`; those that cannot be decoded are left out, and
/// named to `on_skip`. The noise of an image depends on the seed of `config` and its Dataset::key alone, and
/// means are summed image by image: so the result is the same for any batch, and an image that cannot be
/// decoded changes nothing for the others. Throws FileError if none can be decoded.
Evaluation evaluate(const AnyModel& model, const Config& config, const Dataset& data, Index first,
                    Index count, const OnSkip& on_skip);

/// The same by all ranks, which each take a part of the images, for one result: that of one rank. All call
/// it. NumericError of one rank is thrown on all.
Evaluation evaluate_together(AnyRanks& ranks, const AnyModel& model, const Config& config,
                             const Dataset& data, Index first, Index count, const OnSkip& on_skip);

/// The same with Evaluation::classes, of a model that has classes: it takes as many times as long as there
/// are classes.
Evaluation evaluate_classes(const AnyModel& model, const Config& config, const Dataset& data, Index first,
                            Index count, const OnSkip& on_skip);

}  // namespace glow::app
