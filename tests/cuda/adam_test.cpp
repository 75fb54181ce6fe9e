#include "twins.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: a step of each kind of Adam equals the CPU twin, and is left out where it is to be",
                   "[cuda]", float, double) {
  using T = TestType;
  const Index size = GENERATE(1, 7, 1024, 3001);
  const bool taken = GENERATE(true, false);
  const AdamVariant variant = GENERATE(AdamVariant::adam, AdamVariant::adamw, AdamVariant::adamax);
  const AdamOptions options{.variant = variant, .weight_decay = variant == AdamVariant::adamw ? 0.5 : 0.0};
  auto x = normal({size}, 1), m = normal({size}, 3), v = normal({size}, 4);
  auto g = normal({size}, 2);
  for (double& a : v) a *= a;
  Tensor<Index> bounds(Shape{4});
  const Index some[] = {1, 3, 6, 1026};
  std::copy_n(some, 4, bounds.data());
  AdamScale scale = adam_scale(0.1, 3, options);
  scale.gradient = 0.75;
  scale.largest = 1;
  scale.taken = taken;
  Tensor<AdamScale, Cuda> gpu_scale(Shape{1});
  transfer(View<const AdamScale, Cpu>(&scale, {1}), gpu_scale.view());
  auto gpu_x = on_gpu(as<T>(x)), gpu_m = on_gpu(as<T>(m)), gpu_v = on_gpu(as<T>(v));
  adam_step(gpu_x.view(), lend(on_gpu(as<T>(g))), gpu_m.view(), gpu_v.view(), gpu_scale.view(), options,
            lend(on_gpu(bounds)));
  ops::adam_step(x.view(), g.view(), m.view(), v.view(), View<const AdamScale, Cpu>(&scale, {1}), options,
                 View<const Index>(bounds));
  CHECK(difference(gpu_x, x) <= tolerance<T>);
  CHECK(difference(gpu_m, m) <= tolerance<T>);
  CHECK(difference(gpu_v, v) <= tolerance<T>);
}

TEMPLATE_TEST_CASE("cuda: the running average of parameters equals the CPU twin", "[cuda]", float, double) {
  using T = TestType;
  const Index size = GENERATE(1, 7, 3001);
  const bool taken = GENERATE(true, false);
  auto average = normal({size}, 1);
  const auto x = normal({size}, 2);
  AdamScale scale;
  scale.average = 0.125;
  scale.taken = taken;
  Tensor<AdamScale, Cuda> gpu_scale(Shape{1});
  transfer(View<const AdamScale, Cpu>(&scale, {1}), gpu_scale.view());
  auto gpu_average = on_gpu(as<T>(average));
  average_step(gpu_average.view(), lend(on_gpu(as<T>(x))), View<const AdamScale, Cuda>(gpu_scale));
  ops::average_step(average.view(), x.view(), View<const AdamScale, Cpu>(&scale, {1}));
  CHECK(difference(gpu_average, average) <= tolerance<T>);
}

TEMPLATE_TEST_CASE("cuda: the norm equals the CPU twin to double's rounding", "[cuda]", float, double) {
  using T = TestType;
  const Index size = GENERATE(1, 5, 1025, 40001), offset = GENERATE(0, 1);
  auto x = normal<T>({size + offset}, 1);
  Tensor<double> expected(Shape{1});
  ops::norm(View<const T>(x.data() + offset, {size}), expected.view());
  auto gpu_x = on_gpu(x);
  Tensor<double, Cuda> result(Shape{1});
  ops::norm(View<const T, Cuda>(gpu_x.data() + offset, {size}), result.view());
  CHECK(difference(result, expected) <= 1e-12);
}

TEST_CASE("cuda: the norm of nothing is 0", "[cuda]") {
  auto result = on_gpu(normal({1}, 1));
  ops::norm(View<const float, Cuda>(), result.view());
  CHECK(on_cpu(result.view())[0] == 0);
}

}  // namespace glow::test
