// Launchers of kernels/convolution_operands.cu: what cuDNN's convolutions read and write, from and into
// tensors of the flow. T is float; E is float or bf16. All pointers are to memory of the GPU.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <glow/ops/kernels/network_pack.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// to [pixels, channels] = from, whose pixels lie `stride` elements apart.
template <class From, class To>
void launch_copy_pixels(const From* from, Index stride, Index channels, Index pixels, To* to,
                        cudaStream_t stream);

/// to += from [pixels, channels], where the pixels of `to` lie `stride` elements apart.
template <class E, class T>
void launch_add_pixels(const E* from, Index channels, Index pixels, T* to, Index stride, cudaStream_t stream);

/// d = 0 where h <= 0: the pull-back through ReLU, in place.
template <class E>
void launch_clear_inactive(const E* h, E* d, Index count, cudaStream_t stream);

/// filter [out, taps, in] = kernel [taps, in, out].
template <class T, class E>
void launch_pack_filter(const T* kernel, KernelShape shape, E* filter, cudaStream_t stream);

/// kernel [taps, in, out] += filter [out, taps, in].
template <class E, class T>
void launch_add_filter(const E* filter, KernelShape shape, T* kernel, cudaStream_t stream);

}  // namespace glow::kernels
