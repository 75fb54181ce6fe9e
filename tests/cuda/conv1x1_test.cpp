#include "conv1x1_factors.hpp"

namespace glow::test {

namespace {

template <class T>
void check_conv1x1_matrices(Index c) {
  Conv1x1Factors f(c);
  GpuFactors<T> g(f);
  CHECK(difference(g.weight, f.weight) <= tolerance<T>);
  CHECK(difference(g.inverse, f.inverse) <= tolerance<T>);

  auto d_weight = normal({c, c}, 4);
  auto d_lower = normal({c, c}, 5), d_upper = normal({c, c}, 6), d_log_s = normal({c}, 7);
  auto gpu_d_lower = on_gpu(as<T>(d_lower)), gpu_d_upper = on_gpu(as<T>(d_upper)),
       gpu_d_log_s = on_gpu(as<T>(d_log_s));
  ops::conv1x1_pull_back(f.permutation.view(), f.lower.view(), f.upper.view(), f.log_s.view(),
                         f.sign_s.view(), d_weight.view(), d_lower.view(), d_upper.view(), d_log_s.view());
  conv1x1_pull_back(g.permutation.view(), g.lower.view(), g.upper.view(), g.log_s.view(), g.sign_s.view(),
                    lend(on_gpu(as<T>(d_weight))), gpu_d_lower.view(), gpu_d_upper.view(),
                    gpu_d_log_s.view());
  CHECK(difference(gpu_d_lower, d_lower) <= tolerance<T>);
  CHECK(difference(gpu_d_upper, d_upper) <= tolerance<T>);
  CHECK(difference(gpu_d_log_s, d_log_s) <= tolerance<T>);
}

}  // namespace

TEMPLATE_TEST_CASE("cuda: the 1x1 convolution's matrices equal the CPU twins", "[cuda]", float, double) {
  check_conv1x1_matrices<TestType>(GENERATE(1, 2, 3, 12));
}

TEMPLATE_TEST_CASE("cuda: the 1x1 convolution's larger matrices equal the CPU twins", "[cuda][long]", float,
                   double) {
  check_conv1x1_matrices<TestType>(GENERATE(17, 33, 48, 70));
}

namespace {

template <class T>
void check_conv1x1_pixels(const Shape& shape) {
  const Index c = shape[3];
  auto weight = normal({c, c}, 1), x = normal(shape, 2), dy = normal(shape, 3);
  Tensor<double> packed(ops::packed_shape(c, c)), packed_t(ops::packed_shape(c, c));
  Tensor<T, Cuda> gpu_packed(packed.shape()), gpu_packed_t(packed.shape());
  ops::conv1x1_pack(weight.view(), packed.view(), packed_t.view());
  conv1x1_pack(lend(on_gpu(as<T>(weight))), gpu_packed.view(), gpu_packed_t.view());

  auto expected = x;
  auto y = on_gpu(as<T>(x));
  ops::conv1x1_apply(packed.view(), expected.view());
  conv1x1_apply(gpu_packed.view(), y.view());
  CHECK(difference(y, expected) <= tolerance<T>);

  expected = x;
  y = on_gpu(as<T>(x));
  ops::conv1x1_apply(packed_t.view(), expected.view());
  conv1x1_apply(gpu_packed_t.view(), y.view());
  CHECK(difference(y, expected) <= tolerance<T>);

  Tensor<double> d_weight({c, c});
  Tensor<T, Cuda> gpu_d_weight({c, c});
  ops::conv1x1_weight_gradient(x.view(), dy.view(), d_weight.view());
  conv1x1_weight_gradient(lend(on_gpu(as<T>(x))), lend(on_gpu(as<T>(dy))), gpu_d_weight.view());
  CHECK(difference(gpu_d_weight, d_weight) <= tolerance<T>);
}

}  // namespace

TEMPLATE_TEST_CASE("cuda: the 1x1 convolution of pixels and its gradient equal the CPU twins", "[cuda]",
                   float, double) {
  check_conv1x1_pixels<TestType>(few_conv1x1_pixels());
}

TEMPLATE_TEST_CASE("cuda: the 1x1 convolution of many pixels and its gradient", "[cuda][long]", float,
                   double) {
  check_conv1x1_pixels<TestType>(many_conv1x1_pixels());
}

TEST_CASE("cuda: the 1x1 convolution takes 512 channels", "[cuda]") {
  auto weight = normal<float>({512, 512}, 1, 0.05F), x = normal<float>({1, 1, 3, 512}, 2);
  Tensor<float> packed(ops::packed_shape(512, 512));
  Tensor<float, Cuda> gpu_packed(packed.shape());
  auto expected = x;
  auto y = on_gpu(x);
  ops::conv1x1_pack(weight.view(), packed.view(), View<float>());
  ops::conv1x1_apply(packed.view(), expected.view());
  conv1x1_pack(lend(on_gpu(weight)), gpu_packed.view(), View<float, Cuda>());
  conv1x1_apply(gpu_packed.view(), y.view());
  CHECK(difference(on_cpu(y.view()), expected) <= 1e-5);
}

TEST_CASE("cuda: the 1x1 convolution starts with the host's factors", "[cuda]") {
  const Conv1x1Factors f(6);
  Tensor<double, Cuda> p({6, 6}), l({6, 6}), u({6, 6}), s({6}), sign({6});
  conv1x1_start(p.view(), l.view(), u.view(), s.view(), sign.view(), Conv1x1Factors::random);
  CHECK(same_bits<double>(on_cpu(p.view()), f.permutation));
  CHECK(same_bits<double>(on_cpu(l.view()), f.lower));
  CHECK(same_bits<double>(on_cpu(u.view()), f.upper));
  CHECK(same_bits<double>(on_cpu(s.view()), f.log_s));
  CHECK(same_bits<double>(on_cpu(sign.view()), f.sign_s));
}

}  // namespace glow::test
