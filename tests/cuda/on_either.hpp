// Tensors on a device that is a template parameter, for code that runs on the GPU as on the CPU.
#pragma once

#include "twins.hpp"

namespace glow::test {

/// x -> to, which is on device D and of element type T.
template <class T, class D>
void put(const Tensor<double>& x, View<T, D> to) {
  const Tensor<T> here = as<T>(x);
  transfer(View<const T, Cpu>(here), to);
}

/// The numbers of x, which is on device D and of element type T.
template <class Number, class D>
Tensor<double> get(View<Number, D> x) {
  using T = std::remove_const_t<Number>;
  Tensor<T> here(x.shape());
  transfer(View<const T, D>(x), here.view());
  return as<double>(here);
}

}  // namespace glow::test
