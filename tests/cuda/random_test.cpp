#include "twins.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: uniform draws have the host's bits, normal ones its values", "[cuda]", float,
                   double) {
  using T = TestType;
  const Index size = GENERATE(1, 2, 5, 64, 1030), offset = GENERATE(0, 1);
  const Random random{7, 1234567890123ULL};
  Tensor<T, Cuda> memory(Shape{size + offset});
  const View<T, Cuda> x(memory.data() + offset, {size});
  Tensor<T> reference(Shape{size});

  fill_uniform(x, random);
  ops::fill_uniform(reference.view(), random);
  CHECK(same_bits<T>(on_cpu(x), reference));

  fill_normal(x, random, T(0.5));
  ops::fill_normal(reference.view(), random, T(0.5));
  CHECK(difference(on_cpu(x), reference) <= 1e-6);
}

TEMPLATE_TEST_CASE("cuda: an image's normal draws are the host's", "[cuda]", float, double) {
  using T = TestType;
  const Index size = GENERATE(1, 6, 64, 75), offset = GENERATE(0, 1);
  const Random random{7, 1234567890123ULL};
  Tensor<T, Cuda> memory(Shape{5 * size + offset});
  const View<T, Cuda> x(memory.data() + offset, {5, size});
  Tensor<T> reference(Shape{5, size});
  fill_normal_by_image(x, random, 3);
  ops::fill_normal_by_image(reference.view(), random, 3);
  CHECK(difference(on_cpu(x), reference) <= 1e-6);
}

}  // namespace glow::test
