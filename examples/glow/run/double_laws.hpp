// Laws of a run's weights that are measured in double: log-determinant, gradients and conditioning.
#pragma once

#include "run/checkpoint.hpp"
#include "run/law.hpp"

namespace glow::app {

/// Measures, on the model of a checkpoint in double and full precision,
///
/// - the log-determinant against that of a dense Jacobian by differences, image by image;
/// - the gradient of the mean of log p(x), of the largest and a random one of each tensor,
///   against differences;
/// - the condition number of each 1x1 convolution.
///
/// The first two on crops of the images x [N, H, W, C], pixels in the middle of their bins, with noise of
/// `seed` within them: as large as a dense Jacobian allows, see crop_of. The parameters are those of the
/// run, but for the classifier of the last latent, which depends on the size of images; it is no part of
/// log p(x). `labels` [N] for a model with classes, else empty.
void check_in_double(const Checkpoint& run, View<const float> x, std::span<const Index> labels,
                     std::uint64_t seed, const OnLaw& on_law);

/// The crop of images [H, W, C] that a model of so many levels is checked on: of twice 2^levels a side, so
/// that the last level has neighbouring pixels, if these are at most 256 numbers and the image has them, else
/// of 2^levels.
Shape crop_of(const Shape& image, int levels);

}  // namespace glow::app
