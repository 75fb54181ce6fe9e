// Launchers of kernels/context.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/ops/context_place.hpp>

namespace glow::kernels {

/// x: c channels of rows `stride` apart -> joined [rows, c + place.channels()]: joined = [x | context]
template <class T>
void launch_join_context(const T* x, Index stride, Index c, const T* context, ops::ContextPlace place,
                         Index rows, T* joined, cudaStream_t stream);

/// dx += the first c channels of d_joined [rows, c + place.channels()]
template <class T>
void launch_add_channels(const T* d_joined, Index rows, Index c, Index channels, T* dx, Index stride,
                         cudaStream_t stream);

/// d_context [samples, place.size()] += what the pixels of d_joined [rows, c + place.channels()] read
template <class T>
void launch_sum_context(const T* d_joined, Index c, ops::ContextPlace place, Index samples, T* d_context,
                        cudaStream_t stream);

}  // namespace glow::kernels
