// Sums, rearrangements, products and convolutions of Vars.
#pragma once

#include <algorithm>

#include <glow/ad/axes.hpp>
#include <glow/ad/rearrangements.hpp>
#include <glow/ad/tape.hpp>
#include <glow/ops/cpu/tape.hpp>
#include <glow/ops/cpu/tape_convolution.hpp>
#include <glow/ops/cpu/tape_products.hpp>
#include <glow/ops/products.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

// The shape of x with another innermost extent.
inline Shape with_channels(const Shape& x, Index channels) { return with_extent(x, x.rank() - 1, channels); }

template <class R, class T, class D>
Var<T, D> rearrange(R r, Var<T, D> x, const Shape& shape) {
  const Var<T, D> out = x.tape().result(shape, !x.grad().empty());
  tape_rearrange(r, x.value(), out.value());
  if (!x.grad().empty()) x.tape().note([=] { tape_rearrange_pull(r, out.grad(), x.grad()); });
  return out;
}

template <class P, class T, class D>
Var<T, D> product(P p, Var<T, D> a, Var<T, D> b, const Shape& shape) {
  const Var<T, D> out = a.tape().result(shape, !a.grad().empty() || !b.grad().empty());
  tape_product(p, a.value(), b.value(), out.value());
  if (!a.grad().empty()) a.tape().note([=] { tape_product_pull_first(p, b.value(), out.grad(), a.grad()); });
  if (!b.grad().empty()) a.tape().note([=] { tape_product_pull_second(p, a.value(), out.grad(), b.grad()); });
  return out;
}

// Sums runs of `run` consecutive elements.
template <class T, class D>
Var<T, D> sum_runs(Var<T, D> x, const Shape& shape, Index run) {
  const Var<T, D> out = x.tape().result(shape, !x.grad().empty());
  tape_sum_runs(run, x.value(), out.value());
  if (!x.grad().empty()) x.tape().note([=] { tape_sum_runs_pull(run, out.grad(), x.grad()); });
  return out;
}

}  // namespace detail

/// Sum of all elements; a scalar.
template <class T, class D>
Var<T, D> sum(Var<T, D> x) {
  return detail::sum_runs(x, Shape{}, x.value().size());
}

/// Sum of each sample: x [N, ...] -> [N].
template <class T, class D>
Var<T, D> sum_per_sample(Var<T, D> x) {
  require<ShapeError>(x.shape().rank() >= 1, "sum_per_sample: a scalar has no samples");
  return detail::sum_runs(x, Shape{x.shape()[0]}, x.shape()[0] == 0 ? 0 : x.value().size() / x.shape()[0]);
}

/// Mean of all elements; a scalar.
template <class T, class D>
Var<T, D> mean(Var<T, D> x) {
  return sum(x) / x.value().size();
}

/// The same elements in another shape of the same size.
template <class T, class D>
Var<T, D> reshape(Var<T, D> x, const Shape& shape) {
  require<ShapeError>(shape.size() == x.shape().size(), "reshape: cannot make ", shape, " of ", x.shape());
  return detail::rearrange(rearrangements::Same(), x, shape);
}

/// A [..., m, n] -> [..., n, m]: the last two axes change places.
template <class T, class D>
Var<T, D> transpose(Var<T, D> a) {
  Shape shape = a.shape();
  const int rank = shape.rank();
  require<ShapeError>(rank >= 2, "transpose: ", shape, " is no matrix");
  const Index m = shape[rank - 2], n = shape[rank - 1];
  shape = detail::with_extent(detail::with_extent(shape, rank - 2, n), rank - 1, m);
  return detail::rearrange(rearrangements::Transpose{m, n}, a, shape);
}

/// A [m, n] with zeros on and above its diagonal.
template <class T, class D>
Var<T, D> strictly_lower(Var<T, D> a) {
  return detail::rearrange(rearrangements::StrictlyLower{a.channels()}, a, a.shape());
}
/// A [m, n] with zeros on and below its diagonal.
template <class T, class D>
Var<T, D> strictly_upper(Var<T, D> a) {
  return detail::rearrange(rearrangements::StrictlyUpper{a.channels()}, a, a.shape());
}
/// v [n] -> [n, n] with v on the diagonal.
template <class T, class D>
Var<T, D> diagonal(Var<T, D> v) {
  const Index n = v.value().size();
  return detail::rearrange(rearrangements::Diagonal{n}, v, {n, n});
}

/// Elements first ... first + count - 1 of x along an axis: [..., E, ...] -> [..., count, ...].
template <class T, class D>
Var<T, D> slice(Var<T, D> x, int axis, Index first, Index count) {
  axis = detail::axis_of("slice", x.shape(), axis);
  const auto [outer, extent, inner] = detail::lines_along(x.shape(), axis);
  require<ShapeError>(first >= 0 && count >= 0 && first <= extent - count, "slice: ", count, " from ", first,
                      " on along axis ", axis, " of ", x.shape());
  return detail::rearrange(rearrangements::Slice{extent * inner, first * inner, count * inner}, x,
                           detail::with_extent(x.shape(), axis, count));
}

/// a and b one after the other along an axis: [..., A, ...] and [..., B, ...] -> [..., A + B, ...].
template <class T, class D>
Var<T, D> concat(Var<T, D> a, Var<T, D> b, int axis) {
  axis = detail::axis_of("concat", a.shape(), axis);
  const Lines of_a = detail::lines_along(a.shape(), axis);
  require<ShapeError>(
      b.shape().rank() == a.shape().rank() && detail::with_extent(b.shape(), axis, of_a.extent) == a.shape(),
      "concat: ", a.shape(), " and ", b.shape(), " differ in more than axis ", axis);
  const Index extent = of_a.extent + b.shape()[axis];
  const Index row_a = of_a.extent * of_a.inner, row = extent * of_a.inner;
  const Shape shape = detail::with_extent(a.shape(), axis, extent);
  return detail::rearrange(rearrangements::AmongZeros{row, 0, row_a}, a, shape) +
         detail::rearrange(rearrangements::AmongZeros{row, row_a, row - row_a}, b, shape);
}

/// Channels first ... first + count - 1 of x [..., C].
template <class T, class D>
Var<T, D> channels(Var<T, D> x, Index first, Index count) {
  return slice(x, -1, first, count);
}

/// a [..., A] and b [..., B] -> [..., A + B].
template <class T, class D>
Var<T, D> concat_channels(Var<T, D> a, Var<T, D> b) {
  return concat(a, b, -1);
}

/// x [N, H, W, C] -> [N, H/2, W/2, 4C], channel (dy * 2 + dx) * C + c.
template <class T, class D>
Var<T, D> squeeze(Var<T, D> x) {
  const Index h = x.height(), w = x.width(), c = x.channels();
  require<ShapeError>(h % 2 == 0 && w % 2 == 0, "squeeze: height and width of ", x.shape(), " must be even");
  return detail::rearrange(rearrangements::Squeeze{w, c}, x, {x.batch(), h / 2, w / 2, 4 * c});
}
/// The inverse of squeeze.
template <class T, class D>
Var<T, D> unsqueeze(Var<T, D> y) {
  const Index w = 2 * y.width(), c = y.channels() / 4;
  require<ShapeError>(y.channels() % 4 == 0, "unsqueeze: channels of ", y.shape(), " must divide by 4");
  return detail::rearrange(rearrangements::Unsqueeze{w, c}, y, {y.batch(), 2 * y.height(), w, c});
}

/// A [..., m, k], B [..., k, n] -> A B [..., m, n]: a product for each of the same outer axes, if any.
template <class T, class D>
Var<T, D> matmul(Var<T, D> a, Var<T, D> b) {
  const int rank = a.shape().rank();
  bool fit = rank >= 2 && b.shape().rank() == rank && a.shape().back() == b.shape()[rank - 2];
  Index batch = 1;
  for (int i = 0; fit && i < rank - 2; ++i) {
    fit = a.shape()[i] == b.shape()[i];
    batch *= a.shape()[i];
  }
  require<ShapeError>(fit, "matmul: ", a.shape(), " times ", b.shape());
  const products::Matmul product{batch, a.shape()[rank - 2], a.shape().back(), b.shape().back()};
  return detail::product(product, a, b, detail::with_channels(a.shape(), product.n));
}

/// x [..., I], W [O, I] -> y [..., O], y_o = sum over i of W[o, i] x_i.
template <class T, class D>
Var<T, D> conv1x1(Var<T, D> x, Var<T, D> w) {
  require<ShapeError>(w.shape().rank() == 2 && w.shape()[1] == x.channels(), "conv1x1: weight ", w.shape(),
                      " on input ", x.shape());
  const products::Conv1x1 product{x.value().rows(), w.shape()[1], w.shape()[0]};
  return detail::product(product, x, w, detail::with_channels(x.shape(), product.out));
}

/// x [N, H, W, I], K [3, 3, I, O] -> y [N, H, W, O]: cross-correlation, taps `dilation` pixels apart, zero
/// padding that keeps height and width.
template <class T, class D>
Var<T, D> conv3x3(Var<T, D> x, Var<T, D> kernel, Index dilation = 1) {
  const Shape k = kernel.shape();
  require<ShapeError>(
      x.shape().rank() == 4 && k.rank() == 4 && k[0] == 3 && k[1] == 3 && k[2] == x.channels(),
      "conv3x3: kernel ", k, " on input ", x.shape());
  require<ShapeError>(dilation >= 1, "conv3x3: dilation ", dilation, " must be at least 1");
  // Beyond the image all taps but the middle one see zeros.
  const Index reach = std::min(dilation, std::max({x.height(), x.width(), Index{1}}));
  const products::Conv3x3 product{x.batch(), x.height(), x.width(), k[2], k[3], reach};
  return detail::product(product, x, kernel, {x.batch(), x.height(), x.width(), product.out});
}

}  // namespace glow
