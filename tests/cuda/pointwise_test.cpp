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

TEMPLATE_TEST_CASE(
    "cuda: rounding to bf16 and back equals the CPU twin, ties and what is not finite included", "[cuda]",
    float, double) {
  using T = TestType;
  const Index size = 1000;
  Tensor<T> x = normal<T>({size}, 1, 100), back({size});
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const T special[] = {T(1.00390625), T(1.01171875), T(-1.00390625),
                       T(0),          T(-0.0),       T(3.4e38),
                       infinity,      -infinity,     std::numeric_limits<T>::quiet_NaN(),
                       T(1e-40)};
  std::copy(std::begin(special), std::end(special), x.data());
  Tensor<Bf16> rounded({size});
  ops::to_bf16(View<const T>(x), rounded.view());
  ops::from_bf16(View<const Bf16>(rounded), back.view());
  CHECK(back[0] == T(1));  // between 1 and 1.0078125, to the even one
  CHECK(back[1] == T(1.015625));
  CHECK(back[5] == infinity);
  CHECK(back[8] != back[8]);

  const Tensor<T, Cuda> gpu_x = on_gpu(x);
  Tensor<Bf16, Cuda> gpu_rounded({size});
  Tensor<T, Cuda> gpu_back({size});
  to_bf16(View<const T, Cuda>(gpu_x), gpu_rounded.view());
  from_bf16(View<const Bf16, Cuda>(gpu_rounded), gpu_back.view());
  CHECK(same_bits<T>(on_cpu(gpu_back.view()), back));
}

}  // namespace glow::test
