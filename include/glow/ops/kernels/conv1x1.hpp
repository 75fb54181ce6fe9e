// Launchers of kernels/conv1x1.cu and kernels/conv1x1_weights.cu. T is float or double; all pointers are to
// memory of the GPU. Packed matrices are aligned to 16 bytes and have room for [c, c rounded up to 4].
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Channels up to which our kernels sum outer products of pixels; above, that is cuBLAS's work.
inline constexpr Index most_outer_channels = 64;

/// The most parts of such a sum.
inline constexpr Index most_outer_parts = 256;

/// m [c, c] -> packed = operand for m, and packed_t = operand for its transpose unless null
template <class T>
void launch_conv1x1_pack(const T* m, T* packed, T* packed_t, Index c, cudaStream_t stream);

/// x [pixels, c] in place: x = M x, for `packed`, the operand of M
template <class T>
void launch_conv1x1_apply(const T* packed, T* x, Index pixels, Index c, cudaStream_t stream);

/// x, dy [pixels, c] -> d_weight [c, c]: d_weight = sum over pixels of dy x^T, through part
/// [most_outer_parts, c, c]; c at most most_outer_channels
template <class T>
void launch_conv1x1_weight_gradient(const T* x, const T* dy, T* part, T* d_weight, Index pixels, Index c,
                                    cudaStream_t stream);

/// P, L, U [c, c], log_s, sign_s [c] -> W, W^-1 [c, c]: weight = ..., inverse = ...
template <class T>
void launch_conv1x1_assemble(const T* permutation, const T* lower, const T* upper, const T* log_s,
                             const T* sign_s, T* weight, T* inverse, Index c, cudaStream_t stream);

/// dW [c, c] -> d_lower, d_upper [c, c], d_log_s [c]: += ..., through work [c, c]
template <class T>
void launch_conv1x1_pull_back(const T* permutation, const T* lower, const T* upper, const T* log_s,
                              const T* sign_s, const T* d_weight, T* work, T* d_lower, T* d_upper, T* d_log_s,
                              Index c, cudaStream_t stream);

}  // namespace glow::kernels
