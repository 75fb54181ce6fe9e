// Permutation of channels on a GPU. The equation is that of ops/cpu/permutation.hpp, the kernels are in
// kernels/permutation.cu.
#pragma once

#include <glow/core/cuda/device.hpp>
#include <glow/ops/cpu/permutation.hpp>
#include <glow/ops/kernels/permutation.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// order [C] = the channels 0 ... C - 1, shuffled by `random` or reversed; the order of the CPU twin.
template <class T>
void permutation_start(ChannelOrder kind, View<T, Cuda> order, Random random) {
  Tensor<T> on_host(order.shape());
  permutation_start(kind, on_host.view(), random);
  transfer(View<const T, Cpu>(on_host), order);
}

/// x [..., C] -> y [..., C], in memory of its own; order [C].
template <class T>
void permutation_forward(View<T, Cuda> order, View<const std::type_identity_t<T>, Cuda> x, View<T, Cuda> y) {
  kernels::launch_permutation_forward<T>(order.data(), x.data(), y.data(), x.rows(), x.channels(),
                                         cuda::stream());
}

/// y [..., C] -> x [..., C], in memory of its own; order [C].
template <class T>
void permutation_inverse(View<T, Cuda> order, View<const std::type_identity_t<T>, Cuda> y, View<T, Cuda> x) {
  kernels::launch_permutation_inverse<T>(order.data(), y.data(), x.data(), y.rows(), y.channels(),
                                         cuda::stream());
}

}  // namespace glow::ops
