// Element-by-element helpers on a GPU. The kernels are in kernels/pointwise.cu.
#pragma once

#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/pointwise.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// x[i] = value.
template <class T>
void fill(View<T, Cuda> x, std::type_identity_t<T> value) {
  kernels::launch_fill<T>(x.data(), x.size(), value, cuda::stream());
}

/// y[i] += x[i].
template <class T>
void add(View<const std::type_identity_t<T>, Cuda> x, View<T, Cuda> y) {
  kernels::launch_add<T>(x.data(), y.data(), y.size(), cuda::stream());
}

/// y[i] = x[i], rounded to bf16 by way of float.
template <class T>
void to_bf16(View<const T, Cuda> x, View<Bf16, Cuda> y) {
  kernels::launch_to_bf16<T>(x.data(), y.data(), y.size(), cuda::stream());
}

/// y[i] = x[i].
template <class T>
void from_bf16(View<const Bf16, Cuda> x, View<T, Cuda> y) {
  kernels::launch_from_bf16<T>(x.data(), y.data(), y.size(), cuda::stream());
}

}  // namespace glow::ops
