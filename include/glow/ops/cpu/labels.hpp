// Labels of samples, 0 ... K - 1: the row of a table that each has, and the cross-entropy of logits.
#pragma once

#include <algorithm>
#include <cmath>

#include <glow/core/error.hpp>
#include <glow/core/parallel.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// rows [N, E] = the rows of table [K, E] that labels [N] name. Throws Error for a label that is none.
template <class T>
void rows_of_labels(View<const std::type_identity_t<T>, Cpu> table, View<const Index, Cpu> labels,
                    View<T, Cpu> rows) {
  const Index k = table.shape()[0], e = rows.channels();
  for (Index n = 0; n < rows.rows(); ++n) {
    require(labels[n] >= 0 && labels[n] < k, "label ", labels[n], " of sample ", n, " is not one of 0 to ",
            k - 1);
    std::copy_n(table.data() + labels[n] * e, e, rows.data() + n * e);
  }
}

/// d_table += the pull-back of d_rows.
template <class T>
void rows_of_labels_backward(View<const std::type_identity_t<T>, Cpu> d_rows, View<const Index, Cpu> labels,
                             View<T, Cpu> d_table) {
  const Index e = d_rows.channels();
  for (Index n = 0; n < d_rows.rows(); ++n) {
    for (Index i = 0; i < e; ++i) d_table[labels[n] * e + i] += d_rows[n * e + i];
  }
}

/// For logits [N, K] of a part of a batch, which is `share` of it: result[0] += the batch's mean over samples
/// of -log softmax(logits)[label], in nats; result[1] += the share of its samples whose largest logit, the
/// first of equal ones, is the label's; d_logits = the gradient of `weight` times that mean.
template <class T>
void cross_entropy(View<const std::type_identity_t<T>, Cpu> logits, View<const Index, Cpu> labels,
                   std::type_identity_t<T> weight, double share, View<T, Cpu> d_logits,
                   View<double, Cpu> result) {
  const Index n = logits.rows(), k = logits.channels();
  weight *= static_cast<T>(share);
  double loss = 0, right = 0;
  for (Index r = 0; r < n; ++r) {
    const T* row = logits.data() + r * k;
    T* d = d_logits.data() + r * k;
    const T* const first_most = std::max_element(row, row + k);
    const T most = *first_most;
    T sum = 0;
    for (Index i = 0; i < k; ++i) sum += d[i] = std::exp(row[i] - most);
    for (Index i = 0; i < k; ++i) d[i] *= weight / (sum * static_cast<T>(n));
    d[labels[r]] -= weight / static_cast<T>(n);
    loss += static_cast<double>(std::log(sum) + most - row[labels[r]]);
    right += first_most - row == labels[r];
  }
  result[0] += share * (loss / static_cast<double>(n));
  result[1] += share * (right / static_cast<double>(n));
}

}  // namespace glow::ops
