#include "gradient.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// The value of f(x), without gradients.
template <class F>
Tensor<double> value_of(Tensor<double> x, F f) {
  Tape<double> tape(Recording::no);
  return Tensor<double>(View<const double>(f(tape.constant(x.view())).value()));
}

// 0, 1, 2, ... in x [2, 3, 2].
Tensor<double> counting() {
  Tensor<double> x(Shape{2, 3, 2});
  for (Index i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
  return x;
}

void check_values(const Tensor<double>& x, const Shape& shape, const std::vector<double>& expected) {
  CHECK(x.shape() == shape);
  REQUIRE(x.size() == static_cast<Index>(expected.size()));
  for (Index i = 0; i < x.size(); ++i) CHECK(std::abs(x[i] - expected[static_cast<std::size_t>(i)]) <= 1e-12);
}

}  // namespace

TEST_CASE("tape: sums and means along an axis") {
  check_values(value_of(counting(), [](V x) { return sum(x, 0); }), {3, 2}, {6, 8, 10, 12, 14, 16});
  check_values(value_of(counting(), [](V x) { return sum(x, 1); }), {2, 2}, {6, 9, 24, 27});
  check_values(value_of(counting(), [](V x) { return sum(x, -2); }), {2, 2}, {6, 9, 24, 27});
  check_values(value_of(counting(), [](V x) { return mean(x, 2); }), {2, 3}, {0.5, 2.5, 4.5, 6.5, 8.5, 10.5});
  check_values(value_of(Tensor<double>(Shape{2, 0}), [](V x) { return sum(x, 1); }), {2}, {0, 0});
  for (int axis = -4; axis < 4; ++axis) {
    check_gradient({normal({2, 3, 2, 5}, 1)}, [=](auto& v) { return sum(square(v[0]), axis); });
    check_gradient({normal({2, 3, 2, 5}, 1)}, [=](auto& v) { return mean(v[0], axis); });
  }
}

TEST_CASE("tape: cumulative sums along an axis") {
  check_values(value_of(counting(), [](V x) { return cumulative_sum(x, 1); }), {2, 3, 2},
               {0, 1, 2, 4, 6, 9, 6, 7, 14, 16, 24, 27});
  check_values(value_of(counting(), [](V x) { return cumulative_sum(x); }), {2, 3, 2},
               {0, 1, 2, 5, 4, 9, 6, 13, 8, 17, 10, 21});
  for (int axis = 0; axis < 3; ++axis)
    check_gradient({normal({2, 4, 3}, 1)}, [=](auto& v) { return cumulative_sum(v[0], axis); });
}

TEST_CASE("tape: softmax along an axis") {
  for (int axis = 0; axis < 3; ++axis) {
    const auto ones = value_of(normal({2, 4, 3}, 1), [=](V x) { return sum(softmax(x, axis), axis); });
    for (const double one : ones) CHECK(std::abs(one - 1) <= 1e-12);
    check_gradient({normal({2, 4, 3}, 1)}, [=](auto& v) { return softmax(v[0], axis); });
  }
  Tensor<double> far(Shape{3});
  far[0] = 1000;
  far[1] = 1000 + std::log(3.0);
  far[2] = -1000;
  check_values(value_of(far, [](V x) { return softmax(x); }), {3}, {0.25, 0.75, 0});
}

TEST_CASE("tape: layer norm has mean shift and deviation gain") {
  const auto x = normal({5, 1, 2, 64}, 1, 3.0);
  const auto y = value_of(x, [](V v) {
    const V gain = v.tape().result({1}, false), shift = v.tape().result({1}, false);
    gain.value()[0] = 2;
    shift.value()[0] = -1;
    return layer_norm(v + 7, gain, shift, 1e-9);
  });
  for (Index row = 0; row < 10; ++row) {
    double first = 0, second = 0;
    for (Index c = 0; c < 64; ++c) first += y[row * 64 + c] / 64;
    for (Index c = 0; c < 64; ++c) second += (y[row * 64 + c] - first) * (y[row * 64 + c] - first) / 64;
    CHECK(std::abs(first + 1) <= 1e-12);
    CHECK(std::abs(std::sqrt(second) - 2) <= 1e-8);
  }
  check_gradient({normal({2, 3, 5}, 1), normal({5}, 2), normal({5}, 3)},
                 [](auto& v) { return layer_norm(v[0], v[1], v[2]); });
  check_gradient({normal({1, 4}, 1, 0.01), normal({4}, 2), normal({}, 3)},
                 [](auto& v) { return layer_norm(v[0], v[1], v[2], 0.1); });
}

TEST_CASE("tape: gather takes elements by their indices, some of them more than once") {
  Tensor<Index> indices(Shape{4});
  indices[0] = 2;
  indices[2] = indices[3] = 1;
  const View<const Index> at = indices.view();
  check_values(value_of(counting(), [=](V x) { return gather(x, 1, at); }), {2, 4, 2},
               {4, 5, 0, 1, 2, 3, 2, 3, 10, 11, 6, 7, 8, 9, 8, 9});
  for (int axis = 0; axis < 3; ++axis)
    check_gradient({normal({3, 4, 3}, 1)}, [=](auto& v) { return gather(v[0], axis, at); });

  auto x = normal({2, 3}, 1);
  Tape<double> tape;
  const V v = tape.variable(x.view());
  CHECK(contains(message_of<ShapeError>([&] { gather(v, 0, at); }), "gather: index 2 is not one of 0 to 1"));
  indices[1] = -1;
  CHECK(contains(message_of<ShapeError>([&] { gather(v, 1, at); }), "gather: index -1 is not one of 0 to 2"));
}

TEST_CASE("tape: work along an axis has the same bits on any number of threads") {
  auto x = normal({300, 7, 40}, 1);
  const auto run = [&](int n) {
    set_threads(n);
    Tape<double> tape;
    const auto v = tape.variable(x.view());
    const auto gain = sum(sum(v, 0), 0);
    const auto y = softmax(layer_norm(cumulative_sum(v, 1), gain, mean(sum(v, 0), 0), 1e-3), 0);
    tape.pull_back(sum(y * v));
    return Tensor<double>(View<const double>(v.grad()));
  };
  const int before = threads();
  const auto one = run(1);
  for (const int n : {2, 5}) CHECK(same_bits(one, run(n)));
  set_threads(before);
}

TEST_CASE("tape: axes that a shape lacks are named") {
  auto a = normal({2, 3}, 1), b = normal({2, 0}, 2), c = normal({2}, 3);
  Tape<double> tape;
  const auto x = tape.variable(a.view());
  CHECK(contains(message_of<ShapeError>([&] { sum(x, 2); }), "sum: 2x3 has no axis 2"));
  CHECK(contains(message_of<ShapeError>([&] { softmax(x, -3); }), "softmax: 2x3 has no axis -3"));
  CHECK(contains(message_of<ShapeError>([&] { mean(tape.variable(b.view()), 1); }),
                 "mean: axis 1 of 2x0 has no elements"));
  CHECK(contains(message_of<ShapeError>([&] { layer_norm(x, tape.variable(c.view()), x); }),
                 "layer_norm: gain 2 and shift 2x3 must be [C] of 2x3"));
}
