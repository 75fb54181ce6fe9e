// Per-sample sums on a GPU: log-determinants [N] and their cotangents. The kernels are in kernels/logdet.cu.
#pragma once

#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/logdet.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// logdet[n] += amount * sum(x) for every sample; nothing where logdet is empty.
template <class T>
void add_sum_to_logdet(View<T, Cuda> logdet, View<const std::type_identity_t<T>, Cuda> x,
                       std::type_identity_t<T> amount) {
  kernels::launch_add_sum<T>(x.data(), x.size(), amount, logdet.data(), logdet.size(), cuda::stream());
}

/// The transpose of add_sum_to_logdet: dx[i] += amount * sum(dlogdet).
template <class T>
void add_logdet_to_sum(View<const std::type_identity_t<T>, Cuda> dlogdet, View<T, Cuda> dx,
                       std::type_identity_t<T> amount) {
  if (dlogdet.empty()) return;
  kernels::launch_add_sum<T>(dlogdet.data(), dlogdet.size(), amount, dx.data(), dx.size(), cuda::stream());
}

/// logdet[n] += sign * (part[n, 0] + part[n, 1] + ...) in a fixed order; part is [N, parts], on the GPU.
/// Nothing where logdet is empty.
template <class T>
void add_parts_to_logdet(View<T, Cuda> logdet, const T* part, Index parts, std::type_identity_t<T> sign) {
  kernels::launch_add_parts<T>(part, parts, sign, logdet.data(), logdet.size(), cuda::stream());
}

}  // namespace glow::ops
