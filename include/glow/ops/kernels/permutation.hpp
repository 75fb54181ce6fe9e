// Launchers of kernels/permutation.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// x [rows, c] -> y [rows, c]: y = ...; order [c]
template <class T>
void launch_permutation_forward(const T* order, const T* x, T* y, Index rows, Index c, cudaStream_t stream);

/// y [rows, c] -> x [rows, c]: x = ...; order [c]
template <class T>
void launch_permutation_inverse(const T* order, const T* y, T* x, Index rows, Index c, cudaStream_t stream);

}  // namespace glow::kernels
