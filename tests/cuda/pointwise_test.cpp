#include "twins.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: fill and add equal their CPU twins, whole vectors or not", "[cuda]", float,
                   double) {
  using T = TestType;
  const Index size = GENERATE(1, 3, 4, 7, 64, 1023, 5000), offset = GENERATE(0, 1, 2);
  Tensor<T> x = normal<T>({size + offset}, 1), y = normal<T>({size + offset}, 2);
  Tensor<T, Cuda> gpu_x = on_gpu(x), gpu_y = on_gpu(y);
  const View<T, Cuda> part_x(gpu_x.data() + offset, {size}), part_y(gpu_y.data() + offset, {size});
  add(part_x, part_y);
  Tensor<T> sum = y;
  ops::add<T>(View<T>(x.data() + offset, {size}), View<T>(sum.data() + offset, {size}));
  CHECK(same_bits<T>(on_cpu(gpu_y.view()), sum));
  fill(part_x, T(0.25));
  Tensor<T> filled = x;
  ops::fill(View<T>(filled.data() + offset, {size}), T(0.25));
  CHECK(same_bits<T>(on_cpu(gpu_x.view()), filled));
}

}  // namespace glow::test
