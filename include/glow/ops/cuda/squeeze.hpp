// Squeeze on a GPU: trades space for channels. The equation is that of ops/cpu/squeeze.hpp, the kernels are
// in kernels/squeeze.cu.
#pragma once

#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/squeeze.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// x [N, H, W, C] -> y [N, H/2, W/2, 4C]; H and W even.
template <class T>
void squeeze_forward(View<const std::type_identity_t<T>, Cuda> x, View<T, Cuda> y) {
  kernels::launch_squeeze_forward(x.data(), y.data(), x.batch(), x.height(), x.width(), x.channels(),
                                  cuda::stream());
}

/// y [N, H/2, W/2, 4C] -> x [N, H, W, C].
template <class T>
void squeeze_inverse(View<const std::type_identity_t<T>, Cuda> y, View<T, Cuda> x) {
  kernels::launch_squeeze_inverse(y.data(), x.data(), x.batch(), x.height(), x.width(), x.channels(),
                                  cuda::stream());
}

}  // namespace glow::ops
