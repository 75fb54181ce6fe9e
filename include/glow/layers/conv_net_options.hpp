// What a ConvNet may have besides its convolutions.
#pragma once

namespace glow {

/// Options of a ConvNet, none of which the default has. Source: OpenAI's code of Glow (D. Kingma, P.
/// Dhariwal, 2018), which has all of them.
struct ConvNetOptions {
  /// Each hidden layer is relu((x * kernel + bias) exp(log_scale)), log_scale [w]: an ActNorm, whose start
  /// leaves hidden units with mean 0 and deviation 1.
  bool actnorm = false;
  /// The output is (x * kernel + bias) exp(3 log_scale), log_scale [o] from zeros: in effect a higher
  /// learning rate.
  bool scaled_output = false;

  /// True if there is one.
  bool any() const { return actnorm || scaled_output; }
};

}  // namespace glow
