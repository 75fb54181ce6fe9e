// Products on the tape against sums as their equations say, at sizes around the edges of tiles and tasks.
#include <tuple>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// The value of f(a, b) and the gradients of sum(dy f) for a given dy.
template <class T>
struct Product {
  Tensor<T> y, da, db;
};

template <class T, class F>
Product<T> by_tape(Tensor<T>& a, Tensor<T>& b, const Tensor<T>& dy, F f) {
  Tape<T> tape;
  const auto u = tape.variable(a.view()), v = tape.variable(b.view());
  const Var<T> y = f(u, v);
  REQUIRE(y.shape() == dy.shape());
  copy(View<const T>(dy), y.grad());
  tape.pull_back();
  return {Tensor<T>(View<const T>(y.value())), Tensor<T>(View<const T>(u.grad())),
          Tensor<T>(View<const T>(v.grad()))};
}

// The same from the product's terms a[i] b[j] of y[o]; for_each_term calls fn(o, i, j).
template <class Terms>
Product<double> by_terms(const Tensor<double>& a, const Tensor<double>& b, const Tensor<double>& dy,
                         Terms for_each_term) {
  Product<double> p{Tensor<double>(dy.shape()), Tensor<double>(a.shape()), Tensor<double>(b.shape())};
  for_each_term([&](Index o, Index i, Index j) {
    p.y[o] += a[i] * b[j];
    p.da[i] += dy[o] * b[j];
    p.db[j] += dy[o] * a[i];
  });
  return p;
}

template <class F, class Terms>
void check_product(const Shape& a_shape, const Shape& b_shape, const Shape& y_shape, F f, Terms terms) {
  auto a = normal(a_shape, 1), b = normal(b_shape, 2);
  const auto dy = normal(y_shape, 3);
  const auto tape = by_tape<double>(a, b, dy, f);
  const auto expected = by_terms(a, b, dy, terms);
  INFO(a_shape << " and " << b_shape);
  CHECK(difference(tape.y, expected.y) <= 1e-12);
  CHECK(difference(tape.da, expected.da) <= 1e-12);
  CHECK(difference(tape.db, expected.db) <= 1e-12);
}

}  // namespace

TEST_CASE("tape: matrix products are sums of their terms") {
  Index m, k, n;
  std::tie(m, k, n) = GENERATE(table<Index, Index, Index>(
      {{1, 1, 1}, {5, 3, 7}, {130, 17, 49}, {33, 600, 5}, {0, 2, 3}, {2, 0, 3}, {2, 3, 0}}));
  check_product(
      {m, k}, {k, n}, {m, n}, [](auto a, auto b) { return matmul(a, b); },
      [=](auto fn) {
        for (Index i = 0; i < m; ++i) {
          for (Index l = 0; l < k; ++l) {
            for (Index j = 0; j < n; ++j) fn(i * n + j, i * k + l, l * n + j);
          }
        }
      });
}

TEST_CASE("tape: batches of matrix products are sums of their terms") {
  Index batch, m, k, n;
  std::tie(batch, m, k, n) = GENERATE(table<Index, Index, Index, Index>(
      {{1, 2, 3, 4}, {6, 5, 3, 7}, {40, 1, 9, 2}, {2, 130, 90, 100}, {0, 2, 3, 4}, {3, 2, 0, 4}}));
  const auto terms = [=](auto fn) {
    for (Index b = 0; b < batch; ++b) {
      for (Index i = 0; i < m; ++i) {
        for (Index l = 0; l < k; ++l) {
          for (Index j = 0; j < n; ++j) fn((b * m + i) * n + j, (b * m + i) * k + l, (b * k + l) * n + j);
        }
      }
    }
  };
  const auto product = [](auto a, auto b) { return matmul(a, b); };
  check_product({batch, m, k}, {batch, k, n}, {batch, m, n}, product, terms);
  if (batch % 2 == 0)
    check_product({batch / 2, 2, m, k}, {batch / 2, 2, k, n}, {batch / 2, 2, m, n}, product, terms);
}

TEST_CASE("tape: 1x1 convolutions are sums of their terms") {
  Index rows, in, out;
  std::tie(rows, in, out) =
      GENERATE(table<Index, Index, Index>({{1, 1, 1}, {6, 3, 40}, {700, 20, 9}, {0, 2, 3}}));
  check_product(
      {rows, 1, 1, in}, {out, in}, {rows, 1, 1, out}, [](auto x, auto w) { return conv1x1(x, w); },
      [=](auto fn) {
        for (Index r = 0; r < rows; ++r) {
          for (Index o = 0; o < out; ++o) {
            for (Index i = 0; i < in; ++i) fn(r * out + o, r * in + i, o * in + i);
          }
        }
      });
}

TEST_CASE("tape: 3x3 convolutions are sums of their terms, whichever side has fewer channels") {
  const Index dilation = GENERATE(1, 2, 4);
  Index n, h, w, in, out;
  std::tie(n, h, w, in, out) = GENERATE(table<Index, Index, Index, Index, Index>({{1, 1, 1, 1, 1},
                                                                                  {2, 3, 5, 2, 7},
                                                                                  {2, 3, 5, 7, 2},
                                                                                  {3, 45, 40, 2, 3},
                                                                                  {3, 45, 40, 3, 2},
                                                                                  {0, 2, 2, 3, 4},
                                                                                  {1, 2, 2, 0, 4},
                                                                                  {1, 2, 2, 4, 0},
                                                                                  {2, 0, 3, 1, 1}}));
  check_product(
      {n, h, w, in}, {3, 3, in, out}, {n, h, w, out}, [=](auto x, auto k) { return conv3x3(x, k, dilation); },
      [=](auto fn) {
        for (Index pixel = 0; pixel < n * h * w; ++pixel) {
          for (Index tap = 0; tap < 9; ++tap) {
            const Index dy = dilation * (tap / 3 - 1), dx = dilation * (tap % 3 - 1);
            const Index row = pixel / w % h + dy, column = pixel % w + dx;
            if (row < 0 || row >= h || column < 0 || column >= w) continue;
            for (Index i = 0; i < in; ++i) {
              for (Index o = 0; o < out; ++o) {
                fn(pixel * out + o, (pixel + dy * w + dx) * in + i, (tap * in + i) * out + o);
              }
            }
          }
        }
      });
}

TEST_CASE("tape: a network has the same bits on any number of threads") {
  auto x = normal({3, 40, 30, 6}, 1), k1 = normal({3, 3, 6, 24}, 2), b1 = normal({24}, 3),
       w2 = normal({24, 24}, 4), k3 = normal({3, 3, 24, 5}, 5);
  const auto run = [&](int n) {
    set_threads(n);
    Tape<double> tape;
    const auto at_x = tape.variable(x.view()), at_b1 = tape.variable(b1.view());
    const auto h1 = relu(conv3x3(at_x, tape.variable(k1.view())) + at_b1);
    const auto w = tape.variable(w2.view()), k = tape.variable(k3.view());
    const auto attended = matmul(conv1x1(h1, w), transpose(h1));
    const auto y = tanh(conv3x3(matmul(attended, h1) * (0.1 * at_b1), k, 2));
    const auto total = sum(sum_per_sample(square(y)));
    tape.pull_back(total);
    std::vector<Tensor<double>> all;
    for (const View<double> v : {y.value(), total.value(), at_x.grad(), at_b1.grad(), w.grad(), k.grad()})
      all.emplace_back(View<const double>(v));
    return all;
  };
  const int before = threads();
  const auto one = run(1);
  for (const int n : {2, 5}) {
    const auto many = run(n);
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(same_bits(one[i], many[i]));
  }
  set_threads(before);
}

TEST_CASE("tape: products that do not fit are named") {
  auto a = normal({2, 3, 4}, 1), b = normal({3, 4, 3}, 2), image = normal({1, 2, 2, 3}, 3),
       kernel = normal({3, 3, 3, 1}, 4);
  Tape<double> tape;
  const auto x = tape.variable(a.view()), y = tape.variable(b.view());
  CHECK(contains(message_of<ShapeError>([&] { matmul(x, y); }), "matmul: 2x3x4 times 3x4x3"));
  CHECK(contains(message_of<ShapeError>([&] { matmul(x, x); }), "matmul: 2x3x4 times 2x3x4"));
  const auto i = tape.variable(image.view()), k = tape.variable(kernel.view());
  CHECK(contains(message_of<ShapeError>([&] { conv3x3(i, k, 0); }), "conv3x3: dilation 0 must be"));
  CHECK(contains(message_of<ShapeError>([&] { conv3x3(i, i); }), "conv3x3: kernel 1x2x2x3 on input 1x2x2x3"));
}
