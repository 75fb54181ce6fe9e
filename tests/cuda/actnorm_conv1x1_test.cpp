#include "conv1x1_factors.hpp"

namespace glow::test {

namespace {

template <class T>
void check_actnorm_conv1x1(const Shape& shape) {
  const Index c = shape[3], n = shape[0];
  const double pixels = static_cast<double>(shape[1] * shape[2]);
  Conv1x1Factors f(c);
  GpuFactors<T> g(f);
  Tensor<double> packed_weight(ops::packed_shape(c, c)), packed_weight_t(packed_weight.shape()),
      packed_inverse(packed_weight.shape());
  ops::conv1x1_pack(f.weight.view(), packed_weight.view(), packed_weight_t.view());
  ops::conv1x1_pack(f.inverse.view(), packed_inverse.view(), View<double>());
  auto bias = normal({c}, 1), log_scale = normal({c}, 2, 0.3), x = normal(shape, 3), dy = normal(shape, 4),
       start = normal({n}, 5);
  auto gpu_bias = on_gpu(as<T>(bias)), gpu_log_scale = on_gpu(as<T>(log_scale));

  auto y = x, logdet = start;
  ops::actnorm_forward(bias.view(), log_scale.view(), y.view());
  ops::conv1x1_apply(packed_weight.view(), y.view());
  ops::add_sum_to_logdet(logdet.view(), log_scale.view(), pixels);
  ops::add_sum_to_logdet(logdet.view(), f.log_s.view(), pixels);
  auto gpu_y = on_gpu(as<T>(x)), gpu_logdet = on_gpu(as<T>(start));
  actnorm_conv1x1_forward(gpu_bias.view(), gpu_log_scale.view(), g.packed_weight.view(), g.log_s.view(),
                          gpu_y.view(), gpu_logdet.view());
  CHECK(difference(gpu_y, y) <= tolerance<T>);
  CHECK(difference(gpu_logdet, logdet) <= tolerance<T>);

  auto gpu_x = on_gpu(as<T>(y));
  gpu_logdet = on_gpu(as<T>(start));
  actnorm_conv1x1_inverse(gpu_bias.view(), gpu_log_scale.view(), g.packed_inverse.view(), g.log_s.view(),
                          gpu_x.view(), gpu_logdet.view());
  CHECK(difference(gpu_x, x) <= tolerance<T>);
  for (Index i = 0; i < n; ++i) logdet[i] = 2 * start[i] - logdet[i];
  CHECK(difference(gpu_logdet, logdet) <= tolerance<T>);
  actnorm_conv1x1_inverse(gpu_bias.view(), gpu_log_scale.view(), g.packed_inverse.view(), g.log_s.view(),
                          gpu_x.view(), View<T, Cuda>());

  auto back = y, dx = dy, d_bias = normal({c}, 6), d_log_scale = normal({c}, 7);
  Tensor<double> d_weight({c, c});
  auto gpu_back = on_gpu(as<T>(y)), gpu_dx = on_gpu(as<T>(dy)), gpu_d_bias = on_gpu(as<T>(d_bias)),
       gpu_d_log_scale = on_gpu(as<T>(d_log_scale)), gpu_d_weight = on_gpu(normal<T>({c, c}, 8));
  ops::conv1x1_apply(packed_inverse.view(), back.view());
  ops::conv1x1_weight_gradient(back.view(), dx.view(), d_weight.view());
  ops::conv1x1_apply(packed_weight_t.view(), dx.view());
  ops::actnorm_backward(bias.view(), log_scale.view(), d_bias.view(), d_log_scale.view(), back.view(),
                        dx.view());
  actnorm_conv1x1_backward(gpu_bias.view(), gpu_log_scale.view(), g.packed_inverse.view(),
                           g.packed_weight_t.view(), gpu_d_bias.view(), gpu_d_log_scale.view(),
                           gpu_d_weight.view(), gpu_back.view(), gpu_dx.view());
  CHECK(difference(gpu_back, back) <= tolerance<T>);
  CHECK(difference(gpu_dx, dx) <= tolerance<T>);
  CHECK(difference(gpu_d_weight, d_weight) <= tolerance<T>);
  CHECK(difference(gpu_d_bias, d_bias) <= tolerance<T>);
  CHECK(difference(gpu_d_log_scale, d_log_scale) <= tolerance<T>);
}

}  // namespace

TEMPLATE_TEST_CASE("cuda: ActNorm and 1x1 convolution in one pass equal the CPU's two ops", "[cuda]", float,
                   double) {
  check_actnorm_conv1x1<TestType>(few_conv1x1_pixels());
}

TEMPLATE_TEST_CASE("cuda: ActNorm and 1x1 convolution in one pass of many pixels", "[cuda][long]", float,
                   double) {
  check_actnorm_conv1x1<TestType>(many_conv1x1_pixels());
}

}  // namespace glow::test
