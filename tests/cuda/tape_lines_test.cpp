#include "tape_twin.hpp"

namespace glow::test {

namespace {

template <class T>
void check_lines(const Shape& shape) {
  const std::vector x{normal(shape, 1)};
  for (int axis = 0; axis < shape.rank(); ++axis) {
    check_twin<T>(x, [=](auto& v) { return sum(v[0], axis); });
    if (shape[axis] > 0) check_twin<T>(x, [=](auto& v) { return mean(v[0], axis); });
    check_twin<T>(x, [=](auto& v) { return softmax(v[0], axis); });
    check_twin<T>(x, [=](auto& v) { return cumulative_sum(v[0], axis); });
  }
  check_twin<T>({normal(shape, 1), normal({shape.back()}, 2), normal({shape.back()}, 3)},
                [](auto& v) { return layer_norm(v[0], v[1], v[2]); });
}

// The copy of indices that lies where v does.
template <class T>
View<const Index> on_device_of(Var<T, Cpu>, const Tensor<Index>& here, const Tensor<Index, Cuda>&) {
  return here.view();
}
template <class T>
View<const Index, Cuda> on_device_of(Var<T, Cuda>, const Tensor<Index>&, const Tensor<Index, Cuda>& there) {
  return there.view();
}

}  // namespace

// Lines of one thread and of a warp, whole warps and not.
TEMPLATE_TEST_CASE("cuda: the tape's work along an axis equals its CPU twin", "[cuda]", float, double) {
  check_lines<TestType>(GENERATE(Shape{3}, Shape{1, 1}, Shape{2, 3, 5, 7}, Shape{3, 40}, Shape{2, 32},
                                 Shape{0, 2}, Shape{2, 0}));
}

TEMPLATE_TEST_CASE("cuda: the tape's gather equals its CPU twin", "[cuda]", float, double) {
  using T = TestType;
  Tensor<Index> indices(Shape{5});
  indices[0] = 2;
  indices[3] = indices[4] = 1;
  Tensor<Index, Cuda> there(indices.shape());
  transfer(View<const Index>(indices), there.view());
  for (int axis = 0; axis < 3; ++axis) {
    for (const Shape& shape : {Shape{3, 3, 3}, Shape{4, 5, 70}, Shape{3, 40, 4}}) {
      check_twin<T>({normal(shape, 1)},
                    [&](auto& v) { return gather(v[0], axis, on_device_of(v[0], indices, there)); });
    }
  }
}

TEST_CASE("cuda: what gather's indices do not name is zero and takes no gradient", "[cuda]") {
  Tensor<Index> indices(Shape{3});
  indices[0] = 1;
  indices[1] = -1;
  indices[2] = 2;
  Tensor<Index, Cuda> there(indices.shape());
  transfer(View<const Index>(indices), there.view());
  auto x = on_gpu(normal({2, 3}, 1));
  Tape<double, Cuda> tape;
  const auto v = tape.variable(x.view());
  const auto y = gather(v, 0, View<const Index, Cuda>(there));
  tape.pull_back(sum(y));
  const auto values = on_cpu(y.value()), gradients = on_cpu(v.grad()), before = on_cpu(x.view());
  for (Index i = 0; i < 9; ++i) CHECK(values[i] == (i < 3 ? before[3 + i] : 0));
  for (Index i = 0; i < 6; ++i) CHECK(gradients[i] == (i < 3 ? 0 : 1));
}

TEMPLATE_TEST_CASE("cuda: the tape's work along long axes equals its CPU twin", "[cuda][long]", float,
                   double) {
  check_lines<TestType>(GENERATE(Shape{5, 33, 3, 65}, Shape{300, 9}));
}

}  // namespace glow::test
