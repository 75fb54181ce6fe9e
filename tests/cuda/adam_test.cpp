#include "twins.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: Adam's step equals the CPU twin, and is left out where it is to be", "[cuda]",
                   float, double) {
  using T = TestType;
  const Index size = GENERATE(1, 7, 1024, 3001);
  const bool taken = GENERATE(true, false);
  auto x = normal({size}, 1), m = normal({size}, 3), v = normal({size}, 4);
  auto g = normal({size}, 2);
  for (double& a : v) a *= a;
  AdamScale scale = adam_scale(1e-3, 3, {});
  scale.taken = taken;
  Tensor<AdamScale, Cuda> gpu_scale(Shape{1});
  transfer(View<const AdamScale, Cpu>(&scale, {1}), gpu_scale.view());
  auto gpu_x = on_gpu(as<T>(x)), gpu_m = on_gpu(as<T>(m)), gpu_v = on_gpu(as<T>(v));
  adam_step(gpu_x.view(), lend(on_gpu(as<T>(g))), gpu_m.view(), gpu_v.view(), gpu_scale.view(),
            AdamOptions{});
  ops::adam_step(x.view(), g.view(), m.view(), v.view(), View<const AdamScale, Cpu>(&scale, {1}),
                 AdamOptions{});
  CHECK(difference(gpu_x, x) <= tolerance<T>);
  CHECK(difference(gpu_m, m) <= tolerance<T>);
  CHECK(difference(gpu_v, v) <= tolerance<T>);
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
