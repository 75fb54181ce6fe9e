// The verbs of one layer on a GPU and on the host, with the same numbers.
#pragma once

#include <vector>

#include "../layers/subject.hpp"
#include "on_either.hpp"

namespace glow::test {

/// All that a layer's verbs leave, in order.
using Results = std::vector<Tensor<double>>;

/// Runs the verbs of a layer with the parameters of `reference`, and with a context of shape [N, ...] where
/// that is not of rank 0.
template <class T, class D>
Results run_verbs(Subject<T, D>& layer, const ParameterStore<double>& from, const Tensor<double>& input,
                  const Shape& context_shape = {}) {
  for (const auto& e : from.entries()) {
    if (e.role == Role::derived) continue;
    put(Tensor<double>(View<const double>(e.value)), layer.parameters().entry(e.name).value);
  }
  layer.prepare();

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
  layer.forward(x, pass(logdet.view()));
  results.push_back(get(x));
  results.push_back(get(logdet.view()));
  clear(logdet.view());
  layer.inverse(x, pass(logdet.view()));
  results.push_back(get(x));
  results.push_back(get(logdet.view()));

  layer.forward(x, pass({}));
  Tensor<T, D> memory_dy(x.shape()), dlogdet(logdet.shape());
  View<T, D> dy = memory_dy.view();
  put(normal(dy.shape(), 5), dy);
  put(normal(dlogdet.shape(), 6), dlogdet.view());
  clear(layer.parameters().gradient());
  layer.backward(x, dy, pass(dlogdet.view()));
  results.push_back(get(x));
  results.push_back(get(dy));
  results.push_back(get(layer.parameters().gradient()));
  if (has_context) results.push_back(get(d_context.view()));
  return results;
}

/// check_verbs of one layer on the host and on the GPU.
template <class T>
void compare_verbs(Subject<double>& on_host, Subject<T, Cuda>& on_device, const Shape& shape, double bound,
                   const Shape& context) {
  start_shaken(on_host);
  const auto x = normal(shape, 4);
  const auto& numbers = on_host.parameters();
  const auto expected = run_verbs<double, Cpu>(on_host, numbers, x, context);
  const auto first = run_verbs<T, Cuda>(on_device, numbers, x, context);
  const auto second = run_verbs<T, Cuda>(on_device, numbers, x, context);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("result " << i);
    CHECK(difference(first[i], expected[i]) <= bound);
    CHECK(same_bits<double>(first[i], second[i]));
  }
}

/// Verbs of W, with the parameters of the layer L, on the GPU equal those on the CPU in double; on the GPU
/// they leave the same bits again.
template <class T, class W, class L>
void check_verbs(const W& layer, const L& owner, const Shape& shape, double bound = tolerance<T>,
                 const Shape& context = {}) {
  SubjectOf<L, double, Cpu, W> on_host(owner, layer, shape);
  SubjectOf<L, T, Cuda, W> on_device(owner, layer, shape);
  compare_verbs<T>(on_host, on_device, shape, bound, context);
}

}  // namespace glow::test
