// The scalars of Adam's step, the same on the host and in kernels: bias corrections 1 / (1 - b1^t) and
// 1 / (1 - b2^t). Source: D. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015,
// algorithm 1.
#pragma once

#include <cmath>

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow {

/// Adam's constants.
struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

/// What one step multiplies with.
struct AdamScale {
  double rate = 0;      ///< learning rate
  double correct1 = 1;  ///< of the first moment
  double correct2 = 1;  ///< of the second moment
  bool taken = false;   ///< false: the step changes nothing
};

/// The scalars of step t = 1, 2, ...
GLOW_HOST_DEVICE inline AdamScale adam_scale(double rate, Index t, const AdamOptions& o) {
  const double exponent = static_cast<double>(t);
  return {rate, 1 / (1 - std::pow(o.beta1, exponent)), 1 / (1 - std::pow(o.beta2, exponent)), true};
}

}  // namespace glow
