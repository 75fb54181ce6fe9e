#include "twins.hpp"

namespace glow::test {
namespace {

Shape any_shape() {
  return GENERATE(Shape{1, 1, 1, 1}, Shape{2, 3, 5, 3}, Shape{2, 16, 16, 12}, Shape{3, 4, 4, 26},
                  Shape{1, 3, 2, 257}, Shape{1, 2, 2, 512}, Shape{1, 1, 3, 1028});
}

}  // namespace

TEMPLATE_TEST_CASE("cuda: ActNorm forward, inverse and backward equal the CPU twins", "[cuda]", float,
                   double) {
  using T = TestType;
  const Shape shape = any_shape();
  const Index c = shape[3];
  auto bias = normal({c}, 1), log_scale = normal({c}, 2, 0.3), x = normal(shape, 3), dy = normal(shape, 4);
  auto gpu_bias = on_gpu(as<T>(bias)), gpu_log_scale = on_gpu(as<T>(log_scale));

  auto expected = x;
  ops::actnorm_forward(bias.view(), log_scale.view(), expected.view());
  auto y = on_gpu(as<T>(x));
  actnorm_forward(gpu_bias.view(), gpu_log_scale.view(), y.view());
  CHECK(difference(y, expected) <= tolerance<T>);

  actnorm_inverse(gpu_bias.view(), gpu_log_scale.view(), y.view());
  CHECK(difference(y, x) <= tolerance<T>);

  auto d_bias = normal({c}, 5), d_log_scale = normal({c}, 6), dx = dy, back = expected;
  auto gpu_d_bias = on_gpu(as<T>(d_bias)), gpu_d_log_scale = on_gpu(as<T>(d_log_scale));
  auto gpu_dx = on_gpu(as<T>(dy)), gpu_back = on_gpu(as<T>(expected));
  ops::actnorm_backward(bias.view(), log_scale.view(), d_bias.view(), d_log_scale.view(), back.view(),
                        dx.view());
  actnorm_backward(gpu_bias.view(), gpu_log_scale.view(), gpu_d_bias.view(), gpu_d_log_scale.view(),
                   gpu_back.view(), gpu_dx.view());
  CHECK(difference(gpu_back, back) <= tolerance<T>);
  CHECK(difference(gpu_dx, dx) <= tolerance<T>);
  CHECK(difference(gpu_d_bias, d_bias) <= tolerance<T>);
  CHECK(difference(gpu_d_log_scale, d_log_scale) <= tolerance<T>);
}

TEMPLATE_TEST_CASE("cuda: ActNorm's start equals the CPU twin and counts constant channels", "[cuda]", float,
                   double) {
  using T = TestType;
  const Shape shape = any_shape();
  const Index c = shape[3];
  auto x = normal(shape, 3);
  for (Index i = 0; i < x.size(); ++i) x[i] = i % c == 0 ? 0.75 : x[i] * 0.2 + 3;
  Tensor<double> bias({c}), log_scale({c});
  const Index constant = ops::actnorm_start(bias.view(), log_scale.view(), x.view(), 1e-4);
  Tensor<T, Cuda> gpu_bias({c}), gpu_log_scale({c});
  auto gpu_x = on_gpu(as<T>(x));
  CHECK(actnorm_start(gpu_bias.view(), gpu_log_scale.view(), gpu_x.view(), T(1e-4)) == constant);
  CHECK(difference(gpu_bias, bias) <= tolerance<T>);
  CHECK(difference(gpu_log_scale, log_scale) <= tolerance<T>);
}

}  // namespace glow::test
