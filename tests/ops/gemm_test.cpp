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
    for (const Index n : {1, 5, 16, 17, 33, 48, 50, 64, 97}) {
      for (const Index k : {1, 9, 40}) {
        const auto a = normal<TestType>({m, k}, 1), b = normal<TestType>({k, n}, 2);
        Tensor<TestType> packed(ops::packed_shape(k, n)), c({m, n}), at({k, m});
        ops::pack<ops::Along::rows>(k, n, packed.data(), b.data(), n);
        ops::gemm(ops::Product<TestType>{m, n, k, a.data(), k, packed.data(), c.data(), n});
        INFO("m " << m << " n " << n << " k " << k);
        const auto right = plain_product(a, b);
        CHECK(difference(as_double(c), right) <= bound);
        for (Index i = 0; i < m; ++i) {
          for (Index p = 0; p < k; ++p) at[p * m + i] = a[i * k + p];
        }
        Tensor<TestType> d(c.shape());
        ops::outer_product<TestType>(k, {m, n, at.data(), m, d.data(), n, ops::Finish::add}, b.data(), n);
        CHECK(difference(as_double(d), right) <= bound);
      }
    }
  }
}

TEST_CASE("gemm: products of bf16 are those of the rounded numbers, summed in float") {
  for (const Index m : {1, 8, 13, 100}) {
    for (const Index n : {1, 16, 33, 64}) {
      for (const Index k : {1, 2, 9, 40, 1001}) {
        const auto a = normal<float>({m, k}, 1), b = normal<float>({k, n}, 2);
        const Index step = ops::whole_units<Bf16>(k);
        std::vector<Bf16> left(static_cast<std::size_t>(m * step), Bf16(0.0f)),
            rows(static_cast<std::size_t>(k * n)), transposed(static_cast<std::size_t>(k * m)),
            packed(static_cast<std::size_t>(ops::packed_size<Bf16>(k, n)));
        Tensor<float> a_rounded(a.shape()), b_rounded(b.shape()), c({m, n}), d({m, n});
        for (Index i = 0; i < m; ++i) {
          for (Index p = 0; p < k; ++p) {
            const Bf16 v(a[i * k + p]);
            left[static_cast<std::size_t>(i * step + p)] = transposed[static_cast<std::size_t>(p * m + i)] =
                v;
            a_rounded[i * k + p] = static_cast<float>(v);
          }
        }
        for (Index i = 0; i < k * n; ++i) {
          rows[static_cast<std::size_t>(i)] = Bf16(b[i]);
          b_rounded[i] = static_cast<float>(rows[static_cast<std::size_t>(i)]);
        }
        ops::pack<ops::Along::rows>(k, n, packed.data(), b.data(), n);
        ops::gemm(ops::Product<Bf16>{m, n, k, left.data(), step, packed.data(), c.data(), n});
        ops::outer_product<Bf16>(k, {m, n, transposed.data(), m, d.data(), n, ops::Finish::assign},
                                 rows.data(), n);
        INFO("m " << m << " n " << n << " k " << k);
        const auto right = plain_product(a_rounded, b_rounded);
        CHECK(difference(as_double(c), right) <= 1e-5);
        CHECK(difference(as_double(d), right) <= 1e-5);
      }
    }
  }
}

TEST_CASE("gemm: biases, ReLU and its pull-back are applied to every element") {
  const Index m = 11, n = 53, k = 7;
  const auto a = normal<double>({m, k}, 1), b = normal<double>({k, n}, 2), bias = normal<double>({n}, 3);
  Tensor<double> packed(ops::packed_shape(k, n)), plain({m, n}), relu({m, n}), masked({m, n});
  ops::pack<ops::Along::rows>(k, n, packed.data(), b.data(), n);
  ops::Product<double> p{m,          n, k, a.data(), k, packed.data(), plain.data(), n, ops::Finish::bias,
                         bias.data()};
  ops::gemm(p);
  p.out = relu.data();
  p.finish = ops::Finish::bias_relu;
  ops::gemm(p);
  p.out = masked.data();
  p.finish = ops::Finish::where_active;
  p.active = relu.data();
  ops::gemm(p);
  auto right = plain_product(a, b), right_relu = right, right_masked = right;
  for (Index i = 0; i < m * n; ++i) {
    right[i] += bias[i % n];
    right_relu[i] = std::max(right[i], 0.0);
    if (!(right[i] > 0)) right_masked[i] = 0;
  }
  CHECK(difference(plain, right) <= 1e-13);
  CHECK(difference(relu, right_relu) <= 1e-13);
  CHECK(difference(masked, right_masked) <= 1e-13);
}

TEST_CASE("gemm: an element has the same bits however rows and columns are cut") {
  const Index m = 50, n = 144, k = 33;
  const auto a = normal<float>({m, k}, 1), b = normal<float>({k, n}, 2);
  Tensor<float> packed(ops::packed_shape(k, n)), whole({m, n}), cut({m, n});
  ops::pack<ops::Along::rows>(k, n, packed.data(), b.data(), n);
  ops::gemm(ops::Product<float>{m, n, k, a.data(), k, packed.data(), whole.data(), n});
  for (Index i = 0; i < m; i += 7) {
    const Index rows = std::min(Index{7}, m - i);
    ops::gemm(ops::Product<float>{rows, n, k, a.data() + i * k, k, packed.data(), cut.data() + i * n, n});
  }
  CHECK(same_bits<float>(whole.view(), cut.view()));
}
