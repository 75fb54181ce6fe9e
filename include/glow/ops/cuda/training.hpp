// The scalar steps of training on a GPU: state that goes on, the loss. The rules are in ops/step_state.hpp,
// the kernels in kernels/training.cu.
#pragma once

#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/training.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// begin(state[0], rule)
inline void begin_step(View<StepState, Cuda> state, const StepRule& rule) {
  kernels::launch_begin_step(state.data(), rule, cuda::stream());
}

/// judge(state[0], rule)
inline void judge_step(View<StepState, Cuda> state, const StepRule& rule) {
  kernels::launch_judge_step(state.data(), rule, cuda::stream());
}

/// mean[0] = mean of bits_per_dim over images with logpz [N] and logdet [N].
template <class T>
void mean_bits_per_dim(View<const T, Cuda> logpz, View<const std::type_identity_t<T>, Cuda> logdet,
                       Index dimensions, int bins, View<double, Cuda> mean) {
  kernels::launch_mean_bits_per_dim<T>(logpz.data(), logdet.data(), logpz.size(), dimensions, bins,
                                       mean.data(), cuda::stream());
}

}  // namespace glow::ops
