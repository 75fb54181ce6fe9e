// Adam and its kin on one flat buffer on a GPU. The equations are those of ops/cpu/adam.hpp, the kernels are
// in kernels/adam.cu.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/adam.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// One step by the scalars at[0] (nothing if they say so); all other buffers have one size. m and v are 0
/// before the first; bounds: of the elements that adamw's decay acts on, see Decayed.
template <class T>
void adam_step(View<T, Cuda> x, View<const std::type_identity_t<T>, Cuda> gradient, View<T, Cuda> m,
               View<T, Cuda> v, View<const AdamScale, Cuda> at, const AdamOptions& o,
               View<const Index, Cuda> bounds) {
  kernels::launch_adam_step<T>(x.data(), gradient.data(), m.data(), v.data(), at.data(), o,
                               Decayed{bounds.data(), bounds.size()}, x.size(), cuda::stream());
}

/// average += share (x - average), with the share at[0].average, unless the step was not taken.
template <class T>
void average_step(View<T, Cuda> average, View<const std::type_identity_t<T>, Cuda> x,
                  View<const AdamScale, Cuda> at) {
  kernels::launch_average_step<T>(average.data(), x.data(), at.data(), x.size(), cuda::stream());
}

/// result[0] = Euclidean norm, summed in double in a fixed order.
template <class T>
void norm(View<const T, Cuda> x, View<double, Cuda> result) {
  const Scratch<double, Cuda> part(Shape{kernels::most_parts});
  kernels::launch_norm<T>(x.data(), x.size(), part.data(), result.data(), cuda::stream());
}

}  // namespace glow::ops
