// Adam with its state: two running means as long as the parameters. The step's equation is in
// ops/cpu/adam.hpp.
#pragma once

#include <glow/ops/cpu/adam.hpp>

namespace glow {

/// Adam's state for a flat buffer of parameters.
template <class T, class D = Cpu>
class Adam {
 public:
  explicit Adam(Index size, AdamOptions options = {})
      : m_(Shape{size}), v_(Shape{size}), scale_(Shape{1}), options_(options) {}

  /// values -= one step along gradient at learning rate `rate`; counts its steps itself.
  void step(View<T, D> values, View<const T, D> gradient, double rate) {
    AdamScale scale = adam_scale(rate, ++steps_, options_);
    transfer(View<const AdamScale, Cpu>(&scale, {1}), scale_.view());
    step_by(values, gradient, scale_.view());
  }
  /// The same by scalars [1] that lie on the device, and are counted elsewhere.
  void step_by(View<T, D> values, View<const T, D> gradient, View<const AdamScale, D> scale) {
    adam_step(values, gradient, m_.view(), v_.view(), scale, options_);
  }

  /// Running means of the gradient and of its square.
  View<T, D> first_moment() { return m_; }
  View<const T, D> first_moment() const { return m_; }
  View<T, D> second_moment() { return v_; }
  View<const T, D> second_moment() const { return v_; }
  const AdamOptions& options() const { return options_; }

 private:
  Tensor<T, D> m_, v_;
  Tensor<AdamScale, D> scale_;
  AdamOptions options_;
  Index steps_ = 0;
};

}  // namespace glow
