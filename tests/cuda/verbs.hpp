// The verbs of one layer on a GPU and on the host, with the same numbers.
#pragma once

#include <vector>

#include "on_either.hpp"

namespace glow::test {

/// All that a layer's verbs leave, in order.
using Results = std::vector<Tensor<double>>;

/// Runs the verbs of W on device D in T, with the parameters of `reference`, which are those of a layer L,
/// and a context of shape [N, ...] where that is not of rank 0.
template <class T, class D, class W, class L>
Results run_verbs(const W& layer, const L& owner, const Parameters<L, double>& reference,
                  const Tensor<double>& input, const Shape& context_shape = {}) {
  Parameters<L, T, D> parameters(owner, input.shape());
  auto& p = parameters.params();
  for (const auto& e : reference.entries()) {
    if (e.role == Role::derived) continue;
    put(Tensor<double>(View<const double>(e.value)), parameters.entry(e.name).value);
  }
  prepare_layer<L, T, D>(owner, p);

  Tensor<T, D> memory(input.shape()), logdet(Shape{input.shape()[0]});
  const bool has_context = context_shape.rank() != 0;
  Tensor<T, D> context(has_context ? context_shape : Shape{0}), d_context(context.shape());
  if (has_context) put(normal(context_shape, 9), context.view());
  const auto pass = [&](View<T, D> sums) {
    Pass<T, D> all(sums);
    if (has_context) {
      all.context = context;
      all.d_context = d_context.view();
    }
    return all;
  };
  View<T, D> x = memory.view();
  put(input, x);
  Results results;
  layer_forward<W, T, D>(layer, p, x, pass(logdet.view()));
  results.push_back(get(x));
  results.push_back(get(logdet.view()));
  clear(logdet.view());
  layer_inverse<W, T, D>(layer, p, x, pass(logdet.view()));
  results.push_back(get(x));
  results.push_back(get(logdet.view()));

  layer_forward<W, T, D>(layer, p, x, pass({}));
  Tensor<T, D> memory_dy(x.shape()), dlogdet(logdet.shape());
  View<T, D> dy = memory_dy.view();
  put(normal(dy.shape(), 5), dy);
  put(normal(dlogdet.shape(), 6), dlogdet.view());
  layer_backward<W, T, D>(layer, p, parameters.gradients(), x, dy, pass(dlogdet.view()));
  results.push_back(get(x));
  results.push_back(get(dy));
  results.push_back(get(parameters.gradient()));
  if (has_context) results.push_back(get(d_context.view()));
  return results;
}

/// Verbs on the GPU equal those on the CPU in double; on the GPU they leave the same bits again.
template <class T, class W, class L>
void check_verbs(const W& layer, const L& owner, const Shape& shape, double bound = tolerance<T>,
                 const Shape& context = {}) {
  Parameters<L, double> reference(owner, shape);
  initialize_layer<L, double, Cpu>(owner, reference.params(), Random{7, 7});
  shake(reference);
  prepare_layer<L, double, Cpu>(owner, reference.params());
  auto x = normal(shape, 4);
  const auto expected = run_verbs<double, Cpu>(layer, owner, reference, x, context);
  const auto first = run_verbs<T, Cuda>(layer, owner, reference, x, context);
  const auto second = run_verbs<T, Cuda>(layer, owner, reference, x, context);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("result " << i);
    CHECK(difference(first[i], expected[i]) <= bound);
    CHECK(same_bits<double>(first[i], second[i]));
  }
}

}  // namespace glow::test
