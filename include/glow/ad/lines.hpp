// Operations on Vars along one axis. An axis is counted from 0, or back from -1, the innermost.
#pragma once

#include <glow/ad/axes.hpp>
#include <glow/ad/line_functions.hpp>
#include <glow/ad/pointwise.hpp>
#include <glow/ad/tape.hpp>
#include <glow/ops/cpu/tape_lines.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

// y = f of each line of x.
template <class F, class T, class D>
Var<T, D> along(F f, Var<T, D> x, const Lines& lines, const Shape& shape) {
  const Var<T, D> out = x.tape().result(shape, !x.grad().empty());
  tape_lines(f, lines, x.value(), out.value());
  if (!x.grad().empty()) {
    x.tape().note([=] { tape_lines_pull(f, lines, x.value(), out.value(), out.grad(), x.grad()); });
  }
  return out;
}

}  // namespace detail

/// Sum along an axis, which the result lacks: x [N, H, W, C] -> [N, W, C] for axis 1.
template <class T, class D>
Var<T, D> sum(Var<T, D> x, int axis) {
  axis = detail::axis_of("sum", x.shape(), axis);
  const Lines lines = detail::lines_along(x.shape(), axis);
  return detail::along(line_functions::Sum<T>(), x, lines, detail::without(x.shape(), axis));
}

/// Mean along an axis, which the result lacks. An axis of no elements is refused.
template <class T, class D>
Var<T, D> mean(Var<T, D> x, int axis) {
  axis = detail::axis_of("mean", x.shape(), axis);
  require<ShapeError>(x.shape()[axis] > 0, "mean: axis ", axis, " of ", x.shape(), " has no elements");
  return sum(x, axis) / x.shape()[axis];
}

/// y_j = exp(x_j) / sum over i of exp(x_i) along an axis; finite for all finite x.
template <class T, class D>
Var<T, D> softmax(Var<T, D> x, int axis = -1) {
  axis = detail::axis_of("softmax", x.shape(), axis);
  return detail::along(line_functions::Softmax<T>(), x, detail::lines_along(x.shape(), axis), x.shape());
}

/// y_j = x_0 + ... + x_j along an axis.
template <class T, class D>
Var<T, D> cumulative_sum(Var<T, D> x, int axis = -1) {
  axis = detail::axis_of("cumulative_sum", x.shape(), axis);
  return detail::along(line_functions::CumulativeSum<T>(), x, detail::lines_along(x.shape(), axis),
                       x.shape());
}

/// Elements indices[0], indices[1], ... of x along an axis: [..., E, ...] -> [..., count, ...]. An index may
/// occur more than once; the indices are read again when gradients are pulled back. One that x lacks is
/// refused on the CPU. On a GPU, whose memory the host does not read, it gives zeros and takes no gradient.
template <class T, class D>
Var<T, D> gather(Var<T, D> x, int axis, View<const Index, std::type_identity_t<D>> indices) {
  axis = detail::axis_of("gather", x.shape(), axis);
  tape_check_indices(indices, x.shape()[axis]);
  return detail::along(line_functions::Gather<T>{indices.data(), indices.size()}, x,
                       detail::lines_along(x.shape(), axis),
                       detail::with_extent(x.shape(), axis, indices.size()));
}

/// x [..., C] -> y = gain (x - m) / sqrt(v + epsilon) + shift, m and v the mean and the variance of a row's C
/// numbers; gain and shift [C], or one element. Source: J. Ba, J. Kiros, G. Hinton, Layer Normalization,
/// arXiv:1607.06450, section 3.
template <class T, class D>
Var<T, D> layer_norm(Var<T, D> x, std::type_identity_t<Var<T, D>> gain, std::type_identity_t<Var<T, D>> shift,
                     double epsilon = 1e-5) {
  const int axis = detail::axis_of("layer_norm", x.shape(), -1);
  for (const Var<T, D>& v : {gain, shift}) {
    require<ShapeError>(detail::spreads(v.shape(), x.shape()), "layer_norm: gain ", gain.shape(),
                        " and shift ", shift.shape(), " must be [C] of ", x.shape(), ", or 1 element");
  }
  const line_functions::Normalize<T> normalize{static_cast<T>(epsilon)};
  return detail::along(normalize, x, detail::lines_along(x.shape(), axis), x.shape()) * gain + shift;
}

}  // namespace glow
