// Adam and its kin with their state: two running means as long as the parameters. The equations of a step are
// in ops/cpu/adam.hpp.
#pragma once

#include <string_view>

#include <glow/ops/cpu/adam.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The state of Adam, AdamW or Adamax (AdamOptions::variant) for a flat buffer of parameters: an optimizer of
/// a Trainer, which takes any class with this constructor and `step_by`.
template <class T, class D = Cpu>
class Adam {
 public:
  /// Throws Error for constants that no step can have.
  explicit Adam(Index size, AdamOptions options = {})
      : m_(Shape{size}), v_(Shape{size}), scale_(Shape{1}), options_(check(options)) {}

  /// values -= one step along gradient at learning rate `rate`; counts its steps itself. `weights`: bounds of
  /// those that AdamW shrinks, see ParameterStore::weights.
  void step(View<T, D> values, View<const T, D> gradient, double rate, View<const Index, D> weights = {}) {
    AdamScale scale = adam_scale(rate, ++steps_, options_);
    transfer(View<const AdamScale, Cpu>(&scale, {1}), scale_.view());
    step_by(values, gradient, scale_.view(), weights);
  }
  /// The same by scalars [1] that lie on the device, and are counted elsewhere.
  void step_by(View<T, D> values, View<const T, D> gradient, View<const AdamScale, D> scale,
               View<const Index, D> weights = {}) {
    adam_step(values, gradient, m_.view(), v_.view(), scale, options_, weights);
  }

  /// Running means of the gradient and of its square; for Adamax the second is its largest number of late.
  View<T, D> first_moment() { return m_; }
  View<const T, D> first_moment() const { return m_; }
  View<T, D> second_moment() { return v_; }
  View<const T, D> second_moment() const { return v_; }
  const AdamOptions& options() const { return options_; }

 private:
  static const AdamOptions& check(const AdamOptions& o) {
    require(o.beta1 >= 0 && o.beta1 < 1, "adam.beta1: ", o.beta1, " must be at least 0 and below 1");
    require(o.beta2 >= 0 && o.beta2 < 1, "adam.beta2: ", o.beta2, " must be at least 0 and below 1");
    require(o.epsilon > 0 && std::isfinite(o.epsilon), "adam.epsilon: ", o.epsilon,
            " must be a finite number above 0");
    require(o.weight_decay >= 0 && std::isfinite(o.weight_decay), "weight_decay: ", o.weight_decay,
            " must be a finite number of at least 0");
    require(o.weight_decay == 0 || o.variant == AdamVariant::adamw, "weight_decay: ", o.weight_decay,
            " goes with the optimizer adamw alone, not with ", name_of(o.variant));
    return o;
  }

  Tensor<T, D> m_, v_;
  Tensor<AdamScale, D> scale_;
  AdamOptions options_;
  Index steps_ = 0;
};

}  // namespace glow
