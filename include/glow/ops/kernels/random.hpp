// Launchers of kernels/random.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/core/philox.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// x [count]: x = draws of U(0, 1)
template <class T>
void launch_fill_uniform(T* x, Index count, Random random, cudaStream_t stream);

/// x [count]: x = draws of N(0, 1) times scale
template <class T>
void launch_fill_normal(T* x, Index count, Random random, T scale, cudaStream_t stream);

/// x [images, count / images]: x = draws of N(0, 1), of image n from random.fork(first + n)
template <class T>
void launch_fill_normal_by_image(T* x, Index images, Index count, Random random, Index first,
                                 cudaStream_t stream);

}  // namespace glow::kernels
