// Launchers of kernels/actnorm.cu. T is float or double; all pointers are to memory of the GPU; bias and
// log_scale are [c].
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/ops/kernels/parts.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// x [rows, c] in place: x = (x + bias) * exp(log_scale)
template <class T>
void launch_actnorm_forward(const T* bias, const T* log_scale, T* x, Index rows, Index c,
                            cudaStream_t stream);

/// y [rows, c] in place: y = y * exp(-log_scale) - bias
template <class T>
void launch_actnorm_inverse(const T* bias, const T* log_scale, T* y, Index rows, Index c,
                            cudaStream_t stream);

/// y, dy [rows, c] in place: y = x, dy = dx; d_bias, d_log_scale [c]: += ..., through part [most_parts, 2, c]
template <class T>
void launch_actnorm_backward(const T* bias, const T* log_scale, T* d_bias, T* d_log_scale, T* y, T* dy,
                             T* part, Index rows, Index c, cudaStream_t stream);

/// x [rows, c] -> mean [c] and sums of squares about it, squares [c]: = ..., through part [most_parts, c]
template <class T>
void launch_actnorm_moments(T* mean, T* squares, const T* x, T* part, Index rows, Index c,
                            cudaStream_t stream);

}  // namespace glow::kernels
