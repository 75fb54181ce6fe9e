// Adam on one flat buffer on a GPU. The equation is that of ops/cpu/adam.hpp, the kernels are in
// kernels/adam.cu.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/adam.hpp>

namespace glow::ops {

/// One step by the scalars at[0] (nothing if they say so); all other buffers have one size.
template <class T>
void adam_step(View<T, Cuda> x, View<const std::type_identity_t<T>, Cuda> gradient, View<T, Cuda> m,
               View<T, Cuda> v, View<const AdamScale, Cuda> at, const AdamOptions& o) {
  kernels::launch_adam_step<T>(x.data(), gradient.data(), m.data(), v.data(), at.data(), o, x.size(),
                               cuda::stream());
}

/// result[0] = Euclidean norm, summed in double in a fixed order.
template <class T>
void norm(View<const T, Cuda> x, View<double, Cuda> result) {
  const Scratch<double, Cuda> part(Shape{kernels::most_parts});
  kernels::launch_norm<T>(x.data(), x.size(), part.data(), result.data(), cuda::stream());
}

}  // namespace glow::ops
