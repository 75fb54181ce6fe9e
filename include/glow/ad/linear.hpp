// Sums, rearrangements, products and convolutions of Vars.
#pragma once

#include <glow/ad/tape.hpp>

namespace glow {

namespace detail {

// out[i] = x[source(i)], or 0 where source(i) is negative: slices, transposes and the like.
template <class T, class Source>
Var<T> rearrange(Var<T> x, const Shape& shape, Source source) {
  const Var<T> out = x.tape().result(shape, !x.grad().empty());
  const Index size = shape.size();
  for (Index i = 0; i < size; ++i) out.value()[i] = source(i) < 0 ? T(0) : x.value()[source(i)];
  if (!x.grad().empty()) {
    x.tape().note([=] {
      for (Index i = 0; i < size; ++i) {
        if (source(i) >= 0) x.grad()[source(i)] += out.grad()[i];
      }
    });
  }
  return out;
}

// out[o] += a[i] * b[j] for every triple that `triples(fn)` calls fn(o, i, j) with: any product that is
// linear in each operand.
template <class T, class Triples>
Var<T> bilinear(Var<T> a, Var<T> b, const Shape& shape, Triples triples) {
  const Var<T> out = a.tape().result(shape, !a.grad().empty() || !b.grad().empty());
  clear(out.value());
  triples([&](Index o, Index i, Index j) { out.value()[o] += a.value()[i] * b.value()[j]; });
  if (!a.grad().empty()) {
    a.tape().note(
        [=] { triples([&](Index o, Index i, Index j) { a.grad()[i] += out.grad()[o] * b.value()[j]; }); });
  }
  if (!b.grad().empty()) {
    a.tape().note(
        [=] { triples([&](Index o, Index i, Index j) { b.grad()[j] += out.grad()[o] * a.value()[i]; }); });
  }
  return out;
}

// Sums runs of `run` consecutive elements.
template <class T>
Var<T> sum_runs(Var<T> x, const Shape& shape, Index run) {
  const Var<T> out = x.tape().result(shape, !x.grad().empty());
  for (Index i = 0; i < shape.size(); ++i) {
    T sum = 0;
    for (Index j = 0; j < run; ++j) sum += x.value()[i * run + j];
    out.value()[i] = sum;
  }
  if (!x.grad().empty()) {
    x.tape().note([=] {
      for (Index i = 0; i < x.value().size(); ++i) x.grad()[i] += out.grad()[i / run];
    });
  }
  return out;
}

}  // namespace detail

/// Sum of all elements; a scalar.
template <class T>
Var<T> sum(Var<T> x) {
  return detail::sum_runs(x, Shape{}, x.value().size());
}

/// Sum of each sample: x [N, ...] -> [N].
template <class T>
Var<T> sum_per_sample(Var<T> x) {
  require<ShapeError>(x.shape().rank() >= 1, "sum_per_sample: a scalar has no samples");
  return detail::sum_runs(x, Shape{x.shape()[0]}, x.shape()[0] == 0 ? 0 : x.value().size() / x.shape()[0]);
}

/// Mean of all elements; a scalar.
template <class T>
Var<T> mean(Var<T> x) {
  return sum(x) / x.value().size();
}

/// The same elements in another shape of the same size.
template <class T>
Var<T> reshape(Var<T> x, const Shape& shape) {
  require<ShapeError>(shape.size() == x.shape().size(), "reshape: cannot make ", shape, " of ", x.shape());
  return detail::rearrange(x, shape, [](Index i) { return i; });
}

/// A [m, n] -> [n, m].
template <class T>
Var<T> transpose(Var<T> a) {
  require<ShapeError>(a.shape().rank() == 2, "transpose: ", a.shape(), " is no matrix");
  const Index m = a.shape()[0], n = a.shape()[1];
  return detail::rearrange(a, {n, m}, [=](Index i) { return i % m * n + i / m; });
}

/// A [m, n] with zeros on and above its diagonal.
template <class T>
Var<T> strictly_lower(Var<T> a) {
  const Index n = a.channels();
  return detail::rearrange(a, a.shape(), [=](Index i) { return i % n < i / n ? i : Index{-1}; });
}
/// A [m, n] with zeros on and below its diagonal.
template <class T>
Var<T> strictly_upper(Var<T> a) {
  const Index n = a.channels();
  return detail::rearrange(a, a.shape(), [=](Index i) { return i % n > i / n ? i : Index{-1}; });
}
/// v [n] -> [n, n] with v on the diagonal.
template <class T>
Var<T> diagonal(Var<T> v) {
  const Index n = v.value().size();
  return detail::rearrange(v, {n, n}, [=](Index i) { return i % n == i / n ? i / n : Index{-1}; });
}

/// Channels first ... first + count - 1 of x [..., C].
template <class T>
Var<T> channels(Var<T> x, Index first, Index count) {
  const Index c = x.channels();
  require<ShapeError>(first >= 0 && count >= 0 && first + count <= c, "channels: ", first, " to ",
                      first + count, " of ", x.shape());
  Shape shape;
  for (int i = 0; i + 1 < x.shape().rank(); ++i) shape.push_back(x.shape()[i]);
  shape.push_back(count);
  return detail::rearrange(x, shape, [=](Index i) { return i / count * c + first + i % count; });
}

/// a [..., A] and b [..., B] -> [..., A + B].
template <class T>
Var<T> concat_channels(Var<T> a, Var<T> b) {
  require<ShapeError>(a.value().rows() == b.value().rows() && a.shape().rank() == b.shape().rank(),
                      "concat_channels: ", a.shape(), " and ", b.shape(), " differ in more than channels");
  const Index ca = a.channels(), cb = b.channels(), c = ca + cb;
  Shape shape;
  for (int i = 0; i + 1 < a.shape().rank(); ++i) shape.push_back(a.shape()[i]);
  shape.push_back(c);
  return detail::rearrange(a, shape, [=](Index i) { return i % c < ca ? i / c * ca + i % c : Index{-1}; }) +
         detail::rearrange(b, shape,
                           [=](Index i) { return i % c < ca ? Index{-1} : i / c * cb + i % c - ca; });
}

/// x [N, H, W, C] -> [N, H/2, W/2, 4C], channel (dy * 2 + dx) * C + c.
template <class T>
Var<T> squeeze(Var<T> x) {
  const Index h = x.height(), w = x.width(), c = x.channels();
  require<ShapeError>(h % 2 == 0 && w % 2 == 0, "squeeze: height and width of ", x.shape(), " must be even");
  return detail::rearrange(x, {x.batch(), h / 2, w / 2, 4 * c}, [=](Index i) {
    const Index channel = i % c, dx = i / c % 2, dy = i / (2 * c) % 2, column = i / (4 * c) % (w / 2);
    const Index row = i / (4 * c) / (w / 2);  // counts through the batch
    return ((2 * row + dy) * w + 2 * column + dx) * c + channel;
  });
}
/// The inverse of squeeze.
template <class T>
Var<T> unsqueeze(Var<T> y) {
  const Index w = 2 * y.width(), c = y.channels() / 4;
  require<ShapeError>(y.channels() % 4 == 0, "unsqueeze: channels of ", y.shape(), " must divide by 4");
  return detail::rearrange(y, {y.batch(), 2 * y.height(), w, c}, [=](Index i) {
    const Index channel = i % c, column = i / c % w, row = i / c / w;
    return ((row / 2 * (w / 2) + column / 2) * 4 + row % 2 * 2 + column % 2) * c + channel;
  });
}

/// A [m, k], B [k, n] -> A B [m, n].
template <class T>
Var<T> matmul(Var<T> a, Var<T> b) {
  require<ShapeError>(a.shape().rank() == 2 && b.shape().rank() == 2 && a.shape()[1] == b.shape()[0],
                      "matmul: ", a.shape(), " times ", b.shape());
  const Index m = a.shape()[0], k = a.shape()[1], n = b.shape()[1];
  return detail::bilinear(a, b, {m, n}, [=](auto fn) {
    for (Index i = 0; i < m; ++i) {
      for (Index p = 0; p < k; ++p) {
        for (Index j = 0; j < n; ++j) fn(i * n + j, i * k + p, p * n + j);
      }
    }
  });
}

/// x [..., I], W [O, I] -> y [..., O], y_o = sum over i of W[o, i] x_i.
template <class T>
Var<T> conv1x1(Var<T> x, Var<T> w) {
  require<ShapeError>(w.shape().rank() == 2 && w.shape()[1] == x.channels(), "conv1x1: weight ", w.shape(),
                      " on input ", x.shape());
  const Index rows = x.value().rows(), in = w.shape()[1], out = w.shape()[0];
  Shape shape;
  for (int i = 0; i + 1 < x.shape().rank(); ++i) shape.push_back(x.shape()[i]);
  shape.push_back(out);
  return detail::bilinear(x, w, shape, [=](auto fn) {
    for (Index r = 0; r < rows; ++r) {
      for (Index o = 0; o < out; ++o) {
        for (Index i = 0; i < in; ++i) fn(r * out + o, r * in + i, o * in + i);
      }
    }
  });
}

/// x [N, H, W, I], K [3, 3, I, O] -> y [N, H, W, O]: cross-correlation, zero padding that keeps height and
/// width.
template <class T>
Var<T> conv3x3(Var<T> x, Var<T> kernel) {
  const Shape k = kernel.shape();
  require<ShapeError>(
      x.shape().rank() == 4 && k.rank() == 4 && k[0] == 3 && k[1] == 3 && k[2] == x.channels(),
      "conv3x3: kernel ", k, " on input ", x.shape());
  const Index n = x.batch(), h = x.height(), w = x.width(), in = k[2], out = k[3];
  return detail::bilinear(x, kernel, {n, h, w, out}, [=](auto fn) {
    for (Index row = 0; row < n * h; ++row) {
      for (Index column = 0; column < w; ++column) {
        for (Index tap = 0; tap < 9; ++tap) {
          const Index y = row % h + tap / 3 - 1, c = column + tap % 3 - 1;
          if (y < 0 || y >= h || c < 0 || c >= w) continue;
          const Index from = (row - row % h + y) * w + c;
          for (Index i = 0; i < in; ++i) {
            for (Index o = 0; o < out; ++o)
              fn((row * w + column) * out + o, from * in + i, (tap * in + i) * out + o);
          }
        }
      }
    }
  });
}

}  // namespace glow
