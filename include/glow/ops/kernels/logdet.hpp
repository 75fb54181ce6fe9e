// Launchers of kernels/logdet.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// x [count] -> y [targets]: y += amount * sum(x)
template <class T>
void launch_add_sum(const T* x, Index count, T amount, T* y, Index targets, cudaStream_t stream);

/// part [samples, parts] -> logdet [samples]: logdet += sign * sum over parts
template <class T>
void launch_add_parts(const T* part, Index parts, T sign, T* logdet, Index samples, cudaStream_t stream);

}  // namespace glow::kernels
