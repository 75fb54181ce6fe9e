// Launchers of kernels/labels.cu. T is float or double; all pointers are to memory of the GPU. A label that
// is not one of 0 ... k - 1 counts as the nearest that is.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// rows [n, e] = the rows of table [k, e] that labels [n] name
template <class T>
void launch_rows_of_labels(const T* table, const Index* labels, Index n, Index k, Index e, T* rows,
                           cudaStream_t stream);

/// d_table [k, e] += the rows of d_rows [n, e] with its label
template <class T>
void launch_rows_of_labels_backward(const T* d_rows, const Index* labels, Index n, Index k, Index e,
                                    T* d_table, cudaStream_t stream);

/// Of logits [n, k] of a `share` of a batch: d_logits = ..., result [2] += mean loss and share of right ones
template <class T>
void launch_cross_entropy(const T* logits, const Index* labels, Index n, Index k, T weight, double share,
                          T* d_logits, double* result, cudaStream_t stream);

}  // namespace glow::kernels
