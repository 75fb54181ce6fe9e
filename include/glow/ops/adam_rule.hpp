// The numbers of a step of Adam and its kin, the same on the host and in kernels. Sources: D. Kingma, J. Ba,
// Adam: A Method for Stochastic Optimization, ICLR 2015, algorithms 1 and 2; I. Loshchilov, F. Hutter,
// Decoupled Weight Decay Regularization, ICLR 2019, algorithm 2.
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>
#include <glow/core/named_values.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Which of the family's rules.
enum class AdamVariant {
  adam,    ///< by the running mean of the gradient's square
  adamw,   ///< the same, and weights shrink by themselves
  adamax,  ///< by the largest gradient of late
};

namespace detail {
inline constexpr std::array<std::string_view, 3> adam_variant_names{"adam", "adamw", "adamax"};
}

/// "adam", "adamw" or "adamax".
constexpr std::string_view name_of(AdamVariant v) {
  return detail::adam_variant_names[static_cast<std::size_t>(v)];
}

/// The inverse of name_of; throws Error for another name.
inline AdamVariant adam_variant_of(std::string_view name) {
  return value_named<AdamVariant>("optimizer", detail::adam_variant_names, name);
}

/// The family's constants.
struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  AdamVariant variant = AdamVariant::adam;
  double weight_decay = 0;  ///< of adamw: the share of itself that a weight loses per step, over the rate
};

/// What one step multiplies with.
struct AdamScale {
  double rate = 0;      ///< learning rate
  double correct1 = 1;  ///< of the first moment
  double correct2 = 1;  ///< of the second moment
  double gradient = 1;  ///< factor of the gradient, which bounds its norm
  double largest = std::numeric_limits<double>::infinity();  ///< then its numbers are cut to at most this
  double average = 0;  ///< share of the new parameters in their running average; 0: there is none
  bool taken = false;  ///< false: the step changes nothing
};

/// The scalars of step t = 1, 2, ..., of a gradient as it is.
GLOW_HOST_DEVICE inline AdamScale adam_scale(double rate, Index t, const AdamOptions& o) {
  const double exponent = static_cast<double>(t);
  AdamScale scale;
  scale.rate = rate;
  scale.correct1 = 1 / (1 - std::pow(o.beta1, exponent));
  scale.correct2 = 1 / (1 - std::pow(o.beta2, exponent));
  scale.taken = true;
  return scale;
}

}  // namespace glow
