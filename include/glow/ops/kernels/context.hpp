// Launchers of kernels/context.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/ops/context_place.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// x: c channels of rows `stride` apart -> joined [rows, channels] = [x | context | 1], of which the context
/// has place.channels()
template <class T>
void launch_join_context(const T* x, Index stride, Index c, const T* context, ops::ContextPlace place,
                         Index rows, Index channels, T* joined, cudaStream_t stream);

/// dx += the first c channels of d_joined [rows, channels]
template <class T>
void launch_add_channels(const T* d_joined, Index rows, Index c, Index channels, T* dx, Index stride,
                         cudaStream_t stream);

/// d_context [samples, place.size()] += what the pixels of d_joined [rows, channels] read from channel c on
template <class T>
void launch_sum_context(const T* d_joined, Index c, Index channels, ops::ContextPlace place, Index samples,
                        T* d_context, cudaStream_t stream);

}  // namespace glow::kernels
