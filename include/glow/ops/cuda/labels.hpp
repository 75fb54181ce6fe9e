// Labels of samples on a GPU. The equations are those of ops/cpu/labels.hpp, the kernels are in
// kernels/labels.cu. Labels are not looked at by the host: one out of range counts as the nearest label.
#pragma once

#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/labels.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// rows [N, E] = the rows of table [K, E] that labels [N] name.
template <class T>
void rows_of_labels(View<const std::type_identity_t<T>, Cuda> table, View<const Index, Cuda> labels,
                    View<T, Cuda> rows) {
  kernels::launch_rows_of_labels<T>(table.data(), labels.data(), rows.rows(), table.shape()[0],
                                    rows.channels(), rows.data(), cuda::stream());
}

/// d_table += the pull-back of d_rows.
template <class T>
void rows_of_labels_backward(View<const std::type_identity_t<T>, Cuda> d_rows, View<const Index, Cuda> labels,
                             View<T, Cuda> d_table) {
  kernels::launch_rows_of_labels_backward<T>(d_rows.data(), labels.data(), d_rows.rows(), d_table.shape()[0],
                                             d_rows.channels(), d_table.data(), cuda::stream());
}

/// For logits [N, K] of a part of a batch, which is `share` of it: result[0] += the batch's mean over samples
/// of -log softmax(logits)[label], in nats; result[1] += the share of its samples whose largest logit, the
/// first of equal ones, is the label's; d_logits = the gradient of `weight` times that mean.
template <class T>
void cross_entropy(View<const std::type_identity_t<T>, Cuda> logits, View<const Index, Cuda> labels,
                   std::type_identity_t<T> weight, double share, View<T, Cuda> d_logits,
                   View<double, Cuda> result) {
  kernels::launch_cross_entropy<T>(logits.data(), labels.data(), logits.rows(), logits.channels(), weight,
                                   share, d_logits.data(), result.data(), cuda::stream());
}

}  // namespace glow::ops
