// Launchers of kernels/adam.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/ops/adam_rule.hpp>
#include <glow/ops/decayed.hpp>
#include <glow/ops/kernels/parts.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// gradient [count], scale [1] -> x, m, v [count] in place, or nothing if the scale says so
template <class T>
void launch_adam_step(T* x, const T* gradient, T* m, T* v, const AdamScale* scale, const AdamOptions& options,
                      const ops::Decayed& decayed, Index count, cudaStream_t stream);

/// x [count], scale [1] -> average [count] in place, or nothing if the scale says so
template <class T>
void launch_average_step(T* average, const T* x, const AdamScale* scale, Index count, cudaStream_t stream);

/// x [count] -> result [1]: result = Euclidean norm, through part [most_parts]
template <class T>
void launch_norm(const T* x, Index count, double* part, double* result, cudaStream_t stream);

}  // namespace glow::kernels
