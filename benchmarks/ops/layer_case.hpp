// LayerCase: a layer with all that its verbs need.
#pragma once

#include "model/no_zeros.hpp"

namespace glow::benchmarks {

/// A layer that keeps its input's shape, on random numbers. Its verbs work in place, again and again on the
/// same memory: its parameters must keep numbers at their size.
template <class L>
class LayerCase {
 public:
  LayerCase(const L& layer, const Shape& shape)
      : layer_(layer),
        parameters_(layer, shape),
        x_(shape),
        dx_(shape),
        logdet_(Shape{shape[0]}),
        dlogdet_(Shape{shape[0]}) {
    fill_normal(x_.view(), Random{1, 1});
    fill_normal(dx_.view(), Random{1, 2});
    fill_normal(dlogdet_.view(), Random{1, 3});
    initialize_layer<L, float, Cpu>(layer_, parameters_.params(), Random{1, 0});
    fill_zeros(parameters_);
    prepare_layer<L, float, Cpu>(layer_, parameters_.params());
  }

  LayerParams<L, float, Cpu>& params() { return parameters_.params(); }

  void forward() { layer_.forward(parameters_.params(), x_.view(), logdet_.view()); }
  void inverse() { layer_.inverse(parameters_.params(), x_.view(), logdet_.view()); }
  void backward() {
    layer_.backward(parameters_.params(), parameters_.gradients(), x_.view(), dx_.view(), dlogdet_.view());
  }

 private:
  L layer_;
  Parameters<L, float> parameters_;
  Tensor<float> x_, dx_, logdet_, dlogdet_;
};

}  // namespace glow::benchmarks
