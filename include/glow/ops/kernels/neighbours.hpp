// Launchers of kernels/neighbours.cu: images of height x width pixels that lie `stride` elements apart,
// `pixels` of them counted through a batch; taps lie `dilation` pixels apart. T is float or double; E is T,
// or bf16 for T = float. All pointers are to memory of the GPU.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <glow/ops/neighbours.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// out[p, t * channels + c] = x[neighbour t of p, c], zero outside the image and in columns 9 * channels ...
/// pitch - 1: out [pixels, pitch] = ...
template <class T, class E>
void launch_gather_neighbours(const T* x, Index stride, Index height, Index width, Index channels,
                              ops::Taps direction, Index pixels, E* out, Index pitch, cudaStream_t stream,
                              Index dilation = 1);

/// out[p, c] += sum over t of parts[neighbour t of p, t * channels + c]; parts is [pixels, pitch], the pixels
/// of out lie `stride` elements apart.
template <class T>
void launch_sum_neighbours(const T* parts, Index pitch, Index height, Index width, Index channels,
                           ops::Taps direction, Index pixels, T* out, Index stride, cudaStream_t stream,
                           Index dilation = 1);

}  // namespace glow::kernels
