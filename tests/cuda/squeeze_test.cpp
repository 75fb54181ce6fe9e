#include "twins.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: squeeze equals its CPU twin in both directions", "[cuda]", float, double) {
  using T = TestType;
  const Shape shape = GENERATE(Shape{1, 2, 2, 1}, Shape{2, 4, 6, 3}, Shape{3, 6, 2, 4}, Shape{1, 8, 4, 17});
  const Shape squeezed{shape[0], shape[1] / 2, shape[2] / 2, 4 * shape[3]};
  auto x = normal<T>(shape, 1);
  Tensor<T> expected(squeezed);
  ops::squeeze_forward(x.view(), expected.view());
  Tensor<T, Cuda> y(squeezed), back(shape);
  squeeze_forward(lend(on_gpu(x)), y.view());
  CHECK(same_bits<T>(on_cpu(y.view()), expected));
  squeeze_inverse(y.view(), back.view());
  CHECK(same_bits<T>(on_cpu(back.view()), x));
}

}  // namespace glow::test
