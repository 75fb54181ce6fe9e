// Launchers of kernels/actnorm_conv1x1.cu. T is float or double; all pointers are to memory of the GPU; bias,
// log_scale and log_s are [c], matrices are packed as for conv1x1.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/ops/kernels/conv1x1.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// x [n, pixels, c] in place: x = W ((x + bias) * exp(log_scale)); logdet [n], unless null: += pixels *
/// sum(log_scale + log_s)
template <class T>
void launch_actnorm_conv1x1_forward(const T* bias, const T* log_scale, const T* packed_weight, const T* log_s,
                                    T* x, T* logdet, Index n, Index pixels, Index c, cudaStream_t stream);

/// y [n, pixels, c] in place: y = (W^-1 y) * exp(-log_scale) - bias; logdet [n], unless null: -= the same
template <class T>
void launch_actnorm_conv1x1_inverse(const T* bias, const T* log_scale, const T* packed_inverse,
                                    const T* log_s, T* y, T* logdet, Index n, Index pixels, Index c,
                                    cudaStream_t stream);

/// Numbers that one part of the backward's sums takes.
constexpr Index actnorm_conv1x1_part(Index c) { return c * (c + 2); }

/// y, dy [pixels, c] in place: y = x, dy = dx; d_weight [c, c]: = ...; d_bias, d_log_scale [c]: += ...,
/// through part [most_outer_parts, actnorm_conv1x1_part(c)]; c at most most_outer_channels
template <class T>
void launch_actnorm_conv1x1_backward(const T* bias, const T* log_scale, const T* packed_inverse,
                                     const T* packed_weight_t, T* part, T* d_weight, T* d_bias,
                                     T* d_log_scale, T* y, T* dy, Index pixels, Index c, cudaStream_t stream);

}  // namespace glow::kernels
