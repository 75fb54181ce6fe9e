// Launchers of kernels/pointwise.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/bf16.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// x [count]: x = value
template <class T>
void launch_fill(T* x, Index count, T value, cudaStream_t stream);

/// x [count] -> y [count]: y += x
template <class T>
void launch_add(const T* x, T* y, Index count, cudaStream_t stream);

/// x [count] -> y [count]: y = x, rounded by way of float
template <class T>
void launch_to_bf16(const T* x, Bf16* y, Index count, cudaStream_t stream);

/// x [count] -> y [count]: y = x
template <class T>
void launch_from_bf16(const Bf16* x, T* y, Index count, cudaStream_t stream);

}  // namespace glow::kernels
