#include "twins.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: sums to log-determinants and back equal their CPU twins", "[cuda]", float, double) {
  using T = TestType;
  const Index samples = GENERATE(1, 5, 300), size = GENERATE(1, 12, 513);
  auto logdet = normal({samples}, 1), x = normal({size}, 2), part = normal({samples, size}, 3);

  auto expected = logdet;
  ops::add_sum_to_logdet(expected.view(), x.view(), 16);
  auto result = on_gpu(as<T>(logdet));
  add_sum_to_logdet(result.view(), lend(on_gpu(as<T>(x))), T(16));
  CHECK(difference(result, expected) <= tolerance<T>);

  expected = x;
  ops::add_logdet_to_sum(logdet.view(), expected.view(), 16);
  result = on_gpu(as<T>(x));
  add_logdet_to_sum(lend(on_gpu(as<T>(logdet))), result.view(), T(16));
  CHECK(difference(result, expected) <= tolerance<T>);

  expected = logdet;
  ops::add_parts_to_logdet(expected.view(), part.data(), size, -1);
  result = on_gpu(as<T>(logdet));
  auto gpu_part = on_gpu(as<T>(part));
  add_parts_to_logdet(result.view(), gpu_part.data(), size, T(-1));
  CHECK(difference(result, expected) <= tolerance<T>);
}

TEST_CASE("cuda: no log-determinant is asked for, nothing is added", "[cuda]") {
  auto x = on_gpu(normal({4}, 1));
  auto result = on_gpu(normal({4}, 2));
  add_sum_to_logdet(View<double, Cuda>(), x.view(), 1.0);
  add_logdet_to_sum(View<double, Cuda>(), result.view(), 1.0);
  CHECK(same_bits<double>(on_cpu(result.view()), normal({4}, 2)));
}

}  // namespace glow::test
