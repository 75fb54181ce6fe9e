// Where the numbers of a step ceased to be finite.
#pragma once

#include <optional>
#include <string>

#include <glow/flow/first_not_finite.hpp>
#include <glow/train/gradient_again.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A layer by its name among the parameters, and what it did when its numbers ceased to be finite.
struct NotFiniteInStep {
  std::string place;  ///< "level1/step2/coupling"; a parameter's name for `of_gradient`
  Verb verb;
  bool of_gradient;  ///< all that passed was finite, but the gradient of this parameter is not

  /// "first in level1/step2/coupling, forward"
  std::string text() const {
    if (of_gradient) return join("first in the gradient of ", place);
    return join("first in ", place, verb == Verb::backward ? ", backward" : ", forward");
  }
};

/// Computes the loss and gradient of a step on pixels [N, H, W, C] once more, which was not taken because
/// they were not finite, and finds where that began; none if all is finite now. `step`: its number, which
/// says its noise. No step may be under way. Of ranks, each asks for its own share of the step's images.
template <class Net, class T, class D, class Optimizer, class Ranks>
std::optional<NotFiniteInStep> not_finite_in_step(Trainer<Net, T, D, Optimizer, Ranks>& trainer,
                                                  std::span<const std::uint8_t> pixels,
                                                  std::span<const Index> labels, Index step) {
  FirstNotFinite<T, D> probe;
  gradient_again(trainer, pixels, labels, step, probe);
  if (const std::string place = probe.place(); !place.empty())
    return NotFiniteInStep{place, probe.verb(), false};
  for (const auto& e : trainer.model().parameters().entries()) {
    if (!e.gradient.empty() && !all_finite(View<const T, D>(e.gradient)))
      return NotFiniteInStep{e.name, Verb::backward, true};
  }
  return std::nullopt;
}

}  // namespace glow
