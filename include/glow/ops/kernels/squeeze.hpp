// Launchers of kernels/squeeze.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// x [n, h, w, c] -> y [n, h/2, w/2, 4c]: y = ...
template <class T>
void launch_squeeze_forward(const T* x, T* y, Index n, Index h, Index w, Index c, cudaStream_t stream);

/// y [n, h/2, w/2, 4c] -> x [n, h, w, c]: x = ...
template <class T>
void launch_squeeze_inverse(const T* y, T* x, Index n, Index h, Index w, Index c, cudaStream_t stream);

}  // namespace glow::kernels
