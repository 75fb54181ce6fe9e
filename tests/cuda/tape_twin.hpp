// Operations of the tape on the GPU against the CPU's.
#pragma once

#include <vector>

#include "on_either.hpp"

namespace glow::test {

/// The value of f(inputs), then for every input 1 plus the gradient of sum(dy f) for a random dy.
template <class T, class D, class F>
std::vector<Tensor<double>> value_and_gradients(const std::vector<Tensor<double>>& inputs, F f) {
  std::vector<Tensor<T, D>> values, gradients;
  for (const auto& in : inputs) {
    put(in, values.emplace_back(in.shape()).view());
    fill(gradients.emplace_back(in.shape()).view(), 1);
  }
  Tape<T, D> tape;
  std::vector<Var<T, D>> vars;
  for (std::size_t i = 0; i < values.size(); ++i)
    vars.push_back(tape.leaf(values[i].view(), gradients[i].view()));
  const Var<T, D> out = f(vars);
  put(normal(out.shape(), 17), out.grad());
  tape.pull_back();
  std::vector<Tensor<double>> results{get(out.value())};
  for (const auto& g : gradients) results.push_back(get(g.view()));
  return results;
}

/// f and its pull-back on the GPU against the CPU's in double; and on the GPU the same bits again.
template <class T, class F>
void check_twin(std::vector<Tensor<double>> inputs, F f) {
  for (auto& in : inputs) in = as<double>(as<T>(in));
  const auto expected = value_and_gradients<double, Cpu>(inputs, f);
  const auto first = value_and_gradients<T, Cuda>(inputs, f),
             second = value_and_gradients<T, Cuda>(inputs, f);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("result " << i << " of inputs " << inputs[0].shape() << (inputs.size() > 1 ? " and " : "")
                   << (inputs.size() > 1 ? inputs[1].shape().str() : ""));
    CHECK(difference(first[i], expected[i]) <= tolerance<T>);
    CHECK(same_bits<double>(first[i], second[i]));
  }
}

/// Numbers of at least 0.5.
inline Tensor<double> positive(const Shape& shape, std::uint64_t stream) {
  auto x = normal(shape, stream);
  for (double& v : x) v = 0.5 + std::abs(v);
  return x;
}

}  // namespace glow::test
