// Launchers of kernels/training.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/ops/step_state.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// state [1] in place: begin(state, rule)
void launch_begin_step(StepState* state, const StepRule& rule, cudaStream_t stream);

/// state [1] in place: judge(state, rule)
void launch_judge_step(StepState* state, const StepRule& rule, cudaStream_t stream);

/// logpz, logdet [n] -> mean [1]: mean = mean of bits_per_dim
template <class T>
void launch_mean_bits_per_dim(const T* logpz, const T* logdet, Index n, Index dimensions, int bins,
                              double* mean, cudaStream_t stream);

}  // namespace glow::kernels
