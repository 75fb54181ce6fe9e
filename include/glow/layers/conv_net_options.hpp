// What a ConvNet may have besides its convolutions.
#pragma once

#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Options of a ConvNet, none of which the default has. Source: OpenAI's code of Glow (D. Kingma, P.
/// Dhariwal, 2018), which has all of them.
struct ConvNetOptions {
  /// Each hidden layer is relu((x * kernel + bias) exp(log_scale)), log_scale [w]: an ActNorm, whose start
  /// leaves hidden units with mean 0 and deviation 1.
  bool actnorm = false;
  /// The output is (x * kernel + bias) exp(3 log_scale), log_scale [o] from zeros: in effect a higher
  /// learning rate.
  bool scaled_output = false;
  /// Both 3x3 convolutions read one more channel, the last, which is 1 within the image and 0 around it, so
  /// that they see where it ends. (OpenAI's is 1 around the image: the same with -kernel there, and a bias
  /// that is greater by the sum of the kernel's nine taps.)
  bool edges = false;

  /// True if what ops take is not as it is saved.
  bool folded() const { return actnorm || scaled_output || edges; }
};

}  // namespace glow
