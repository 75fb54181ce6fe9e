// Launchers of kernels/channels.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/ops/kernels/parts.hpp>
#include <glow/ops/pixel_order.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// x [rows, ca + cb] -> a [rows, ca], b [rows, cb]: a = ..., b = ...; row r of b lies at `order`(r).
template <class T>
void launch_split_channels(const T* x, T* a, T* b, Index rows, Index ca, Index cb, ops::PixelOrder order,
                           cudaStream_t stream);

/// a [rows, ca], b [rows, cb] -> x [rows, ca + cb]: x = ...; row r of b lies at `order`(r).
template <class T>
void launch_join_channels(const T* a, const T* b, T* x, Index rows, Index ca, Index cb, ops::PixelOrder order,
                          cudaStream_t stream);

/// row [c] -> x [rows, c]: x = ...
template <class T>
void launch_repeat_row(const T* row, T* x, Index rows, Index c, cudaStream_t stream);

/// x [rows, c] -> sum [c]: sum += ..., through part [most_parts, c]
template <class T>
void launch_sum_of_rows(const T* x, T* part, T* sum, Index rows, Index c, cudaStream_t stream);

}  // namespace glow::kernels
