// Tensors between host and GPU, and what a CUDA op's result may differ from its CPU twin's.
#pragma once

#include <type_traits>

#include <glow/cuda.hpp>

#include "../support.hpp"

namespace glow::test {

template <class T>
Tensor<T, Cuda> on_gpu(const Tensor<T>& x) {
  Tensor<T, Cuda> y(x.shape());
  transfer(View<const T, Cpu>(x), y.view());
  return y;
}
template <class Number>
Tensor<std::remove_const_t<Number>> on_cpu(View<Number, Cuda> x) {
  using T = std::remove_const_t<Number>;
  Tensor<T> y(x.shape());
  transfer(View<const T, Cuda>(x), y.view());
  return y;
}

/// A view of a tensor that ends with the expression in which it stands, as an argument there.
template <class T, class D>
View<T, D> lend(Tensor<T, D>&& x) {
  return x.view();
}

/// The same numbers in T.
template <class T, class From>
Tensor<T> as(const Tensor<From>& x) {
  Tensor<T> y(x.shape());
  for (Index i = 0; i < x.size(); ++i) y[i] = static_cast<T>(x[i]);
  return y;
}

/// What T on the GPU may differ from double on the host, relative to the largest number.
template <class T>
inline constexpr double tolerance = std::is_same_v<T, float> ? 1e-5 : 1e-12;

/// Largest difference of a GPU's tensor from the host's in double, relative to its largest number or 1.
template <class T>
double difference(const Tensor<T, Cuda>& x, const Tensor<double>& reference) {
  return difference(as<double>(on_cpu(x.view())), reference);
}

}  // namespace glow::test
