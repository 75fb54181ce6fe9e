#include "foreign/onnx/weights.hpp"

#include <cmath>

#include <glow/ops/cpu/conv1x1.hpp>

namespace glow::foreign::onnx {

namespace {

Tensor<double> in_double(View<const float> x) {
  Tensor<double> out(x.shape());
  std::copy(x.begin(), x.end(), out.begin());
  return out;
}

// W [C, C] and its inverse.
struct Matrices {
  Tensor<double> weight, inverse;
  double log_det = 0;
};

Matrices matrices(const Weights& weights, const std::string& step, PermutationKind kind, Index c) {
  const Shape square{c, c};
  Matrices m{Tensor<double>(square), Tensor<double>(square)};
  if (kind == PermutationKind::lu) {
    const std::string name = step + "conv1x1/";
    auto permutation = in_double(weights.at(name + "permutation", square)),
         lower = in_double(weights.at(name + "lower", square)),
         upper = in_double(weights.at(name + "upper", square)),
         log_s = in_double(weights.at(name + "log_s", {c})),
         sign_s = in_double(weights.at(name + "sign_s", {c}));
    ops::conv1x1_assemble(permutation.view(), lower.view(), upper.view(), log_s.view(), sign_s.view(),
                          m.weight.view(), m.inverse.view());
    for (const double s : log_s) m.log_det += s;
    return m;
  }
  const auto order = weights.at(step + "permutation/order", {c});
  for (Index i = 0; i < c; ++i) {
    const auto from = static_cast<Index>(order[i]);
    m.weight[i * c + from] = m.inverse[from * c + i] = 1;
  }
  return m;
}

}  // namespace

Weights::Weights(const SavedModel& model) {
  for (const NamedTensor& t : model.tensors) tensors_.emplace(t.name, &t.value);
}

View<const float> Weights::at(const std::string& name, const Shape& shape) const {
  const auto it = tensors_.find(name);
  require<CheckpointError>(it != tensors_.end(), "there is no tensor named '", name, "'");
  require<CheckpointError>(it->second->shape() == shape, "tensor '", name, "' has shape ",
                           it->second->shape(), ", but ", shape, " is needed");
  return it->second->view();
}

ConvolutionWeights Weights::convolution(const std::string& name, Index inputs, Index outputs, Index side,
                                        int factor) const {
  const View<const float> kernel = at(name + "/kernel", side == 1 ? Shape{inputs, outputs}
                                                                  : Shape{side, side, inputs, outputs}),
                          bias = at(name + "/bias", {outputs});
  std::vector<double> scale(static_cast<std::size_t>(outputs), 1);
  if (const std::string log_scale = name + "/log_scale"; contains(log_scale)) {
    const auto s = at(log_scale, {outputs});
    std::transform(s.begin(), s.end(), scale.begin(), [&](float v) { return std::exp(factor * double{v}); });
  }
  ConvolutionWeights w{outputs, inputs, side, {}, {}};
  const Index taps = side * side;
  for (Index o = 0; o < outputs; ++o) {
    const double s = scale[static_cast<std::size_t>(o)];
    for (Index i = 0; i < inputs; ++i) {
      for (Index t = 0; t < taps; ++t)
        w.kernel.push_back(static_cast<float>(s * double{kernel[(t * inputs + i) * outputs + o]}));
    }
    w.bias.push_back(static_cast<float>(s * double{bias[o]}));
  }
  return w;
}

Mixing::Mixing(const Weights& weights, const std::string& step, PermutationKind kind, Index c) {
  const auto bias = weights.at(step + "actnorm/bias", {c}),
             log_scale = weights.at(step + "actnorm/log_scale", {c});
  const Matrices m = matrices(weights, step, kind, c);
  log_det = m.log_det;
  for (ConvolutionWeights* w : {&forward, &inverse}) *w = {c, c, 1, {}, {}};
  // y = W ((x + b) exp(s)), and x = exp(-s) W^-1 y - b.
  for (Index o = 0; o < c; ++o) {
    double sum = 0;
    for (Index i = 0; i < c; ++i) {
      const double k = m.weight[o * c + i] * std::exp(double{log_scale[i]});
      sum += k * double{bias[i]};
      forward.kernel.push_back(static_cast<float>(k));
      inverse.kernel.push_back(static_cast<float>(m.inverse[o * c + i] * std::exp(-double{log_scale[o]})));
    }
    forward.bias.push_back(static_cast<float>(sum));
    inverse.bias.push_back(-bias[o]);
    log_det += double{log_scale[o]};
  }
}

}  // namespace glow::foreign::onnx
