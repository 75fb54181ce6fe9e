// The learning rate of each step. Plain enough for kernels to include. Source of the cosine: I. Loshchilov,
// F. Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017, equation 5 without restarts.
#pragma once

#include <array>
#include <cmath>
#include <numbers>
#include <string_view>

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>
#include <glow/core/named_values.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// How the learning rate goes on after the warm-up.
enum class ScheduleKind {
  constant,  ///< it stays
  cosine,    ///< half a cosine down to the last rate, at the last step
  step,      ///< it falls by a factor, again and again
};

namespace detail {
inline constexpr std::array<std::string_view, 3> schedule_names{"constant", "cosine", "step"};
}

/// "constant", "cosine" or "step".
constexpr std::string_view name_of(ScheduleKind k) {
  return detail::schedule_names[static_cast<std::size_t>(k)];
}

/// The inverse of name_of; throws Error for another name.
inline ScheduleKind schedule_kind_of(std::string_view name) {
  return value_named<ScheduleKind>("schedule", detail::schedule_names, name);
}

/// A schedule and its numbers.
struct Schedule {
  ScheduleKind kind = ScheduleKind::constant;
  Index steps = 0;      ///< of cosine: the step from which on the rate is `last` times the highest
  double last = 0;      ///< of cosine
  Index every = 0;      ///< of step: steps between two falls, counted from the first step
  double factor = 0.1;  ///< of step: what the rate is multiplied with

  /// What the rate of step t = 1, 2, ... is multiplied with, after a warm-up of `warmup` steps.
  GLOW_HOST_DEVICE double operator()(Index t, Index warmup) const {
    if (kind == ScheduleKind::step) return std::pow(factor, static_cast<double>((t - 1) / every));
    if (kind == ScheduleKind::constant || t <= warmup) return 1;
    if (t >= steps) return last;
    const double way = static_cast<double>(t - warmup) / static_cast<double>(steps - warmup);
    return last + (1 - last) * (1 + std::cos(std::numbers::pi * way)) / 2;
  }
};

}  // namespace glow
