#include "foreign/step_parts.hpp"

#include <cmath>

namespace glow::foreign {

Convolution take_convolution(Tensors& tensors, const std::string& kernel, const std::string& bias, Index taps,
                             Index inputs, Index outputs) {
  const Index side = taps == 9 ? 3 : 1;
  const auto numbers = tensors.take(kernel, {outputs, inputs, side, side});
  auto biases = bias.empty() ? std::vector<double>(static_cast<std::size_t>(outputs), 0.0)
                             : tensors.take(bias, {outputs});
  return convolution_of(numbers, std::move(biases), taps, inputs, outputs);
}

Matrix take_matrix(Tensors& tensors, const std::string& weight, const LuNames& names, Index c) {
  if (tensors.has(weight)) return tensors.take(weight, {c, c});
  const auto n = static_cast<std::size_t>(c);
  Matrix lower = tensors.take(names.lower, {c, c}), upper = tensors.take(names.upper, {c, c});
  const auto log_s = tensors.take(names.log_s, {c}), sign_s = tensors.take(names.sign_s, {c});
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (j >= i) lower[i * n + j] = i == j ? 1 : 0;
      if (j <= i) upper[i * n + j] = i == j ? sign_s[i] * std::exp(log_s[i]) : 0;
    }
  }
  for (const std::string& mask : names.masks) tensors.leave(mask);
  return product(tensors.take(names.permutation, {c, c}), product(lower, upper, c), c);
}

Index extent(const Tensors& tensors, const std::string& name, std::size_t axis, std::size_t axes) {
  const auto& shape = tensors.shape(name);
  tensors.check(shape.size() == axes && !is_empty(shape), "'", name, "' has shape ", shape_text(shape),
                ", but ", axes, " axes are needed");
  return shape[axis];
}

CouplingMap map_of(const Tensors& tensors, const std::string& kernel, Index changed) {
  const Index outputs = extent(tensors, kernel, 0, 4);
  tensors.check(outputs == changed || outputs == 2 * changed, "'", kernel, "' has ", outputs,
                " outputs, but ", 2 * changed, " are needed for an affine coupling, or ", changed,
                " for an additive one");
  return outputs == changed ? CouplingMap::additive : CouplingMap::shifted;
}

void check_uniform(const Tensors& tensors, const ForeignGlow& glow) {
  const auto& first = glow.levels[0];
  for (std::size_t l = 0; l < glow.levels.size(); ++l) {
    tensors.check(glow.levels[l].size() == first.size(), "level ", l + 1, " has ", glow.levels[l].size(),
                  " steps, but level 1 has ", first.size());
    for (const ForeignStep& step : glow.levels[l])
      tensors.check(step.conv1.outputs == first[0].conv1.outputs, "'", step.weight_name,
                    "' stands before a network of ", step.conv1.outputs,
                    " hidden channels, but the first has ", first[0].conv1.outputs);
  }
}

}  // namespace glow::foreign
