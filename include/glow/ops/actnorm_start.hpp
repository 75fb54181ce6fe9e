// The data-dependent start of ActNorm from the moments of its input, which a device takes. Source: D. Kingma,
// P. Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018, section 3.1; what is
// done with few numbers is our own.
#pragma once

#include <algorithm>
#include <cmath>

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Rows (pixels of all images) from which on the start is that of the paper. With fewer the moments are those
/// of chance, and a depth of steps multiplies what is wrong with them.
inline Index actnorm_start_rows(Index channels) { return std::max(Index{64}, 4 * channels); }

/// bias = -mean and log_scale = -log(deviation) of each channel, from the means [C] of `rows` rows and the
/// sums of squares about them [C]. Rows that are missing for actnorm_start_rows count as draws of N(0, v), v
/// being the mean square of all numbers: so one image starts a model that is sane for others. A channel whose
/// deviation is below `floor` takes that of all channels (the root of their mean variance), or 1 if that is
/// below it, too. Returns the number of such (constant) channels.
template <class T>
Index actnorm_start_from(View<const std::type_identity_t<T>, Cpu> mean,
                         View<const std::type_identity_t<T>, Cpu> squares, Index rows, T floor,
                         View<T, Cpu> bias, View<T, Cpu> log_scale) {
  const Index c = bias.size();
  const T count = static_cast<T>(rows);
  const T known = count / static_cast<T>(std::max(rows, actnorm_start_rows(c)));  // 1 with enough rows
  T mean_square = 0;
  for (Index i = 0; i < c; ++i) mean_square += squares[i] / count + mean[i] * mean[i];
  mean_square /= static_cast<T>(c);
  T mean_variance = 0;
  for (Index i = 0; i < c; ++i) {
    const T missing = mean_square + known * mean[i] * mean[i];
    const T variance = known * (squares[i] / count) + (1 - known) * missing;
    bias[i] = -known * mean[i];
    log_scale[i] = std::sqrt(variance);  // the deviation, for now
    mean_variance += variance / static_cast<T>(c);
  }
  const T shared = std::sqrt(mean_variance);
  Index constant = 0;
  for (T& s : log_scale) {
    const bool is_constant = s < floor;
    constant += is_constant;
    s = -std::log(!is_constant ? s : shared < floor ? T(1) : shared);
  }
  return constant;
}

}  // namespace glow::ops
