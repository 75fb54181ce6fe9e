#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// A B in double, for operands of T.
template <class T>
Tensor<double> plain_product(const Tensor<T>& a, const Tensor<T>& b) {
  const Index m = a.shape()[0], k = a.shape()[1], n = b.shape()[1];
  Tensor<double> c(Shape{m, n});
  for (Index i = 0; i < m; ++i) {
    for (Index p = 0; p < k; ++p) {
      for (Index j = 0; j < n; ++j)
        c[i * n + j] += static_cast<double>(a[i * k + p]) * static_cast<double>(b[p * n + j]);
    }
  }
  return c;
}

template <class T>
Tensor<double> as_double(const Tensor<T>& x) {
  Tensor<double> y(x.shape());
  for (Index i = 0; i < x.size(); ++i) y[i] = static_cast<double>(x[i]);
  return y;
}

}  // namespace

TEMPLATE_TEST_CASE("gemm: agrees with plain loops for sizes on and off the tiles", "", float, double) {
  const double bound = sizeof(TestType) == 4 ? 1e-5 : 1e-13;
  for (const Index m : {1, 3, 8, 13, 96, 101}) {
    for (const Index n : {1, 5, 16, 17, 33, 48, 50, 97}) {
      for (const Index k : {1, 9, 40}) {
        const auto a = normal<TestType>({m, k}, 1), b = normal<TestType>({k, n}, 2);
        Tensor<TestType> packed(ops::packed_shape(k, n)), c({m, n}), at({k, m});
        ops::pack(k, n, packed.data(), [&](Index i, Index j) { return b[i * n + j]; });
        ops::gemm(m, n, k, ops::Strided<TestType>{a.data(), k, 1}, packed.data(),
                  ops::Assign<TestType>{c.data(), n});
        INFO("m " << m << " n " << n << " k " << k);
        const auto right = plain_product(a, b);
        CHECK(difference(as_double(c), right) <= bound);
        for (Index i = 0; i < m; ++i) {
          for (Index p = 0; p < k; ++p) at[p * m + i] = a[i * k + p];
        }
        Tensor<TestType> d(c.shape());
        ops::outer_product(k, m, n, at.data(), m, b.data(), n, ops::Accumulate<TestType>{d.data(), n});
        CHECK(difference(as_double(d), right) <= bound);
      }
    }
  }
}

TEST_CASE("gemm: biases, ReLU and its pull-back are applied to every element") {
  const Index m = 11, n = 53, k = 7;
  const auto a = normal<double>({m, k}, 1), b = normal<double>({k, n}, 2), bias = normal<double>({n}, 3);
  Tensor<double> packed(ops::packed_shape(k, n)), relu({m, n}), masked({m, n});
  ops::pack(k, n, packed.data(), [&](Index i, Index j) { return b[i * n + j]; });
  const ops::Strided<double> left{a.data(), k, 1};
  ops::gemm(m, n, k, left, packed.data(), ops::BiasRelu<double>{relu.data(), n, bias.data()});
  ops::gemm(m, n, k, left, packed.data(), ops::WhereActive<double>{masked.data(), n, relu.data()});
  auto right = plain_product(a, b), right_masked = right;
  for (Index i = 0; i < m * n; ++i) {
    right[i] = std::max(right[i] + bias[i % n], 0.0);
    if (!(right[i] > 0)) right_masked[i] = 0;
  }
  CHECK(difference(relu, right) <= 1e-13);
  CHECK(difference(masked, right_masked) <= 1e-13);
}

TEST_CASE("gemm: an element has the same bits however rows and columns are cut") {
  const Index m = 50, n = 144, k = 33;
  const auto a = normal<float>({m, k}, 1), b = normal<float>({k, n}, 2);
  Tensor<float> packed(ops::packed_shape(k, n)), whole({m, n}), cut({m, n});
  ops::pack(k, n, packed.data(), [&](Index i, Index j) { return b[i * n + j]; });
  ops::gemm(m, n, k, ops::Strided<float>{a.data(), k, 1}, packed.data(), ops::Assign<float>{whole.data(), n});
  for (Index i = 0; i < m; i += 7) {
    const Index rows = std::min(Index{7}, m - i);
    ops::gemm(rows, n, k, ops::Strided<float>{a.data() + i * k, k, 1}, packed.data(),
              ops::Assign<float>{cut.data() + i * n, n});
  }
  CHECK(same_bits<float>(whole.view(), cut.view()));
}
