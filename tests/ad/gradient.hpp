// Gradients of the tape against central differences.
#pragma once

#include <functional>
#include <vector>

#include "../support.hpp"

namespace glow::test {

using V = Var<double>;

/// d sum(weights * f(inputs)) by the tape against central differences, for all inputs.
inline void check_gradient(std::vector<Tensor<double>> inputs, const std::function<V(std::vector<V>&)>& f) {
  const auto loss = [&](Tape<double>& tape, std::vector<V>& vars) {
    for (auto& in : inputs) vars.push_back(tape.variable(in.view()));
    const V out = f(vars);
    auto weights = normal(out.shape(), 17);
    // The weights must outlive the tape's use of them.
    const V w = tape.result(out.shape(), false);
    copy(View<const double>(weights), w.value());
    return sum(out * w);
  };
  Tape<double> tape;
  std::vector<V> vars;
  const V total = loss(tape, vars);
  tape.pull_back(total);
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    for (Index i = 0; i < inputs[k].size(); ++i) {
      constexpr double h = 1e-6;
      double ends[2];
      for (const int side : {0, 1}) {
        const double old = inputs[k][i];
        inputs[k][i] = old + (side == 0 ? h : -h);
        Tape<double> eager(Recording::no);
        std::vector<V> unused;
        ends[side] = loss(eager, unused).value()[0];
        inputs[k][i] = old;
      }
      const double numeric = (ends[0] - ends[1]) / (2 * h);
      INFO("input " << k << " element " << i);
      CHECK(std::abs(numeric - vars[k].grad()[i]) <= 1e-7 * std::max(1.0, std::abs(numeric)));
    }
  }
}

/// Numbers of at least 0.5.
inline Tensor<double> positive(Shape shape, std::uint64_t stream) {
  auto x = normal(shape, stream);
  for (double& v : x) v = 0.5 + std::abs(v);
  return x;
}

}  // namespace glow::test
