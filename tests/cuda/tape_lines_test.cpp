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

}  // namespace

// Lines of one thread and of a warp, whole warps and not.
TEMPLATE_TEST_CASE("cuda: the tape's work along an axis equals its CPU twin", "[cuda]", float, double) {
  check_lines<TestType>(GENERATE(Shape{3}, Shape{1, 1}, Shape{2, 3, 5, 7}, Shape{3, 40}, Shape{2, 32},
                                 Shape{0, 2}, Shape{2, 0}));
}

TEMPLATE_TEST_CASE("cuda: the tape's work along long axes equals its CPU twin", "[cuda][long]", float,
                   double) {
  check_lines<TestType>(GENERATE(Shape{5, 33, 3, 65}, Shape{300, 9}));
}

}  // namespace glow::test
