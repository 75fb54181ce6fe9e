// Laws of a run's model that are measured as it is used: in float, on its device.
#pragma once

#include <glow/runtime/any_model.hpp>

#include "run/law.hpp"

namespace glow::app {

/// Images x [N, H, W, C] -> latents -> images: the largest difference, and the layer whose inverse gives its
/// input back worst, found on the first of them (see glow::inverse_errors). `labels` [N] for a model with
/// classes, else empty.
Law check_round_trip(AnyModel& model, View<const float> x, std::span<const Index> labels, double limit);

/// What is drawn for a law.
struct Draws {
  Index count = 0;
  Index batch = 1;  ///< how many are drawn at a time
  float temperature = 1;
  std::uint64_t seed = 0;
};

/// The share of samples that are not finite, over all classes in turn for a model with classes, and the place
/// where the first of them ceases to be.
Law check_finite_samples(AnyModel& model, const Draws& draws);

/// log p(x) of samples x by encoding them against that by which they were drawn, see SampleDensities: the
/// largest difference, relative to the log-density or, if that is larger, to a nat a dimension. Samples far
/// from all images are left out.
Law check_sample_densities(const AnyModel& model, const Draws& draws, double limit);

}  // namespace glow::app
