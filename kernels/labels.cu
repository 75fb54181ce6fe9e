// Labels of samples: rows of a table [k, e] and the cross-entropy of logits [n, k]. Sums are in a fixed
// order: the table's gradient is summed by one thread for each of its numbers, the loss by one block.
#include <cmath>

#include <glow/ops/kernels/labels.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

__device__ Index label_in(Index label, Index k) { return label < 0 ? 0 : label < k ? label : k - 1; }

template <class T>
__global__ void __launch_bounds__(256)
    rows_of_labels_kernel(const T* __restrict__ table, const Index* __restrict__ labels, Index count, Index k,
                          Index e, T* __restrict__ rows) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i >= count) return;
  const Index n = i / e;
  rows[i] = table[label_in(labels[n], k) * e + (i - n * e)];
}

template <class T>
__global__ void __launch_bounds__(256)
    rows_of_labels_backward_kernel(const T* __restrict__ d_rows, const Index* __restrict__ labels, Index n,
                                   Index k, Index e, T* __restrict__ d_table) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i >= k * e) return;
  const Index label = i / e, column = i - label * e;
  T sum = 0;
  for (Index r = 0; r < n; ++r) {
    if (label_in(labels[r], k) == label) sum += d_rows[r * e + column];
  }
  d_table[i] += sum;
}

template <class T>
__global__ void __launch_bounds__(256)
    cross_entropy_kernel(const T* __restrict__ logits, const Index* __restrict__ labels, Index n, Index k,
                         T weight, double share, T* __restrict__ d_logits, double* __restrict__ result) {
  double loss = 0, right = 0;
  weight *= static_cast<T>(share);
  for (Index r = threadIdx.x; r < n; r += 256) {
    const T* const row = logits + r * k;
    T* const d = d_logits + r * k;
    const Index label = label_in(labels[r], k);
    T most = row[0], sum = 0;
    Index first_most = 0;
    for (Index i = 1; i < k; ++i) {
      if (row[i] > most) first_most = i, most = row[i];
    }
    for (Index i = 0; i < k; ++i) {
      const T e = std::exp(row[i] - most);
      d[i] = e;
      sum += e;
    }
    const T scale = weight / (sum * static_cast<T>(n));
    for (Index i = 0; i < k; ++i) d[i] = d[i] * scale - (i == label ? weight / static_cast<T>(n) : T(0));
    loss += static_cast<double>(std::log(sum) + most - row[label]);
    right += first_most == label ? 1 : 0;
  }
  loss = block_sum<256>(loss);
  right = block_sum<256>(right);
  if (threadIdx.x != 0) return;
  result[0] += share * (loss / static_cast<double>(n));
  result[1] += share * (right / static_cast<double>(n));
}

}  // namespace

template <class T>
void launch_rows_of_labels(const T* table, const Index* labels, Index n, Index k, Index e, T* rows,
                           cudaStream_t stream) {
  if (n * e == 0) return;
  launch("rows_of_labels", rows_of_labels_kernel<T>, dim3(blocks_of(n * e, 256)), dim3(256), 0, stream, table,
         labels, n * e, k, e, rows);
}

template <class T>
void launch_rows_of_labels_backward(const T* d_rows, const Index* labels, Index n, Index k, Index e,
                                    T* d_table, cudaStream_t stream) {
  if (k * e == 0) return;
  launch("rows_of_labels_backward", rows_of_labels_backward_kernel<T>, dim3(blocks_of(k * e, 256)), dim3(256),
         0, stream, d_rows, labels, n, k, e, d_table);
}

template <class T>
void launch_cross_entropy(const T* logits, const Index* labels, Index n, Index k, T weight, double share,
                          T* d_logits, double* result, cudaStream_t stream) {
  if (n == 0) return;
  launch("cross_entropy", cross_entropy_kernel<T>, dim3(1), dim3(256), 0, stream, logits, labels, n, k,
         weight, share, d_logits, result);
}

#define GLOW_INSTANTIATE(T)                                                                           \
  template void launch_rows_of_labels(const T*, const Index*, Index, Index, Index, T*, cudaStream_t); \
  template void launch_rows_of_labels_backward(const T*, const Index*, Index, Index, Index, T*,       \
                                               cudaStream_t);                                         \
  template void launch_cross_entropy(const T*, const Index*, Index, Index, T, double, T*, double*,    \
                                     cudaStream_t)
GLOW_INSTANTIATE(float);
GLOW_INSTANTIATE(double);
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
