// Launchers of kernels/network_layers.cu: what lies between the matrix products of a coupling network.
// Matrices are [rows, columns] with rows `pitch` elements apart. T is float or double; E is T, or bf16 for T
// = float. All pointers are to memory of the GPU.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// y[r, c] = bias[c], in every row.
template <class T>
void launch_repeat_bias(const T* bias, T* y, Index rows, Index columns, Index pitch, cudaStream_t stream);

/// h = max(x + bias, 0); h may be x.
template <class T, class E>
void launch_bias_relu(const T* x, const T* bias, E* h, Index rows, Index columns, Index pitch,
                      cudaStream_t stream);

/// d = x where h > 0, else 0; d may be x.
template <class T, class E>
void launch_where_active(const T* x, const E* h, E* d, Index rows, Index columns, Index pitch,
                         cudaStream_t stream);

/// Parts that a sum over rows is made of.
Index column_sum_parts(Index rows);

/// sum[c] += x[0, c] + x[1, c] + ... in a fixed order; part [column_sum_parts(rows), columns] is work space.
template <class T, class E>
void launch_add_column_sums(const E* x, Index rows, Index columns, Index pitch, T* part, T* sum,
                            cudaStream_t stream);

}  // namespace glow::kernels
