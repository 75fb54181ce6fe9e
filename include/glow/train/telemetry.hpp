// What happens inside a model while it is trained: of each layer its time, its gradient, the size of what
// comes out of it, its scales, its share of the log-determinant, and how well its inverse gives back its
// input.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Figures of a layer, or of a container with all that is in it; what it does not have is absent. They may be
/// not finite where the model's numbers are not.
struct LayerTelemetry {
  /// As a probe hears it, "level1/step2/coupling", "level1/step2/actnorm+conv1x1"; of parameters that belong
  /// to no such layer, those of priors and classes, what their names begin with: "level1/split", "top".
  std::string name;
  bool container = false;  ///< holds layers that have figures of their own
  /// Of its verbs, added up over groups of images, which may pass on several threads at once.
  std::optional<double> forward_seconds = {}, backward_seconds = {};
  std::optional<double> largest = {};              ///< |y| of its output
  std::optional<double> logdet_bits_per_dim = {};  ///< mean log-determinant / (D ln 2), which lowers the loss
  std::optional<double> gradient_norm = {};        ///< Euclidean, of the gradient by its parameters
  /// |dy / dx| of numbers that change each by itself: the scales exp(log_s) of an ActNorm and, at every
  /// number of the batch, the derivative of a coupling's map, or of another layer with `changed_channels`.
  std::optional<double> least_scale = {}, largest_scale = {};
  std::optional<double> condition = {};      ///< of W, see ops::condition_number; of several, the largest
  std::optional<double> inverse_error = {};  ///< see InverseError
};

/// Figures of a model on a batch.
struct Telemetry {
  double bits_per_dim = 0;   ///< the loss, as Trainer::loss_gradient tells it
  double gradient_norm = 0;  ///< Euclidean, of all parameters' gradients of it
  double logdet_bits_per_dim =
      0;  ///< mean log-determinant / (D ln 2); what layers do not add is the domain's
  double round_trip_error =
      0;  ///< largest |x' - x| / max(1, largest |x|), x' being the inverse of the latents
  std::vector<LayerTelemetry> layers;  ///< in the order of forward, a container before what is in it
};

}  // namespace glow
