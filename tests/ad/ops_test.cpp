#include "gradient.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("tape: operators and their broadcasts") {
  const Shape image{2, 2, 3, 4};
  const std::vector<std::pair<Shape, Shape>> pairs{{image, image}, {image, {4}}, {{4}, image}, {image, {1}},
                                                   {{}, image},    {{3}, {}},    {{3}, {3}}};
  for (const auto& [a, b] : pairs) {
    const std::vector in{positive(a, 1), positive(b, 2)};
    check_gradient(in, [](auto& v) { return v[0] + v[1]; });
    check_gradient(in, [](auto& v) { return v[0] - v[1]; });
    check_gradient(in, [](auto& v) { return v[0] * v[1]; });
    check_gradient(in, [](auto& v) { return v[0] / v[1]; });
  }
  check_gradient({positive({5}, 3)},
                 [](auto& v) { return 3 - (2 + v[0] * 4 - 1.5) / 2 + 5 / v[0] + (-v[0]); });
  check_gradient({normal({5}, 3)}, [](auto& v) {
    V a = v[0];
    a += v[0] * v[0];
    a -= 3 * v[0];
    return a;
  });
}

TEST_CASE("tape: functions of one element") {
  const std::vector in{normal({3, 4}, 4)}, up{positive({3, 4}, 5)};
  check_gradient(in, [](auto& v) { return exp(v[0]); });
  check_gradient(up, [](auto& v) { return log(v[0]); });
  check_gradient(up, [](auto& v) { return sqrt(v[0]); });
  check_gradient(in, [](auto& v) { return square(v[0]); });
  check_gradient(in, [](auto& v) { return abs(v[0]); });
  check_gradient(in, [](auto& v) { return sin(v[0]) + cos(v[0]); });
  check_gradient(in, [](auto& v) { return tanh(v[0]); });
  check_gradient(in, [](auto& v) { return sinh(v[0]) + asinh(v[0]); });
  check_gradient(in, [](auto& v) { return relu(v[0]); });
  check_gradient(in, [](auto& v) { return sigmoid(v[0]); });
  check_gradient(in, [](auto& v) { return softplus(v[0]); });
  check_gradient(in, [](auto& v) { return log_sigmoid(v[0]); });
  check_gradient(in, [](auto& v) { return clamp(v[0], -0.5, 1); });
}

TEST_CASE("tape: where takes one operand or the other, however spread") {
  const Shape image{2, 2, 3, 4};
  struct Shapes {
    Shape condition, a, b;
  };
  const std::vector<Shapes> cases{
      {image, image, image}, {image, {}, {4}}, {{4}, image, image}, {{1}, {4}, image}, {{4}, image, {}}};
  for (const auto& [condition, a, b] : cases) {
    auto c = normal(condition, 3);
    check_gradient({normal(a, 1), normal(b, 2)},
                   [&](auto& v) { return where(v[0].tape().constant(c.view()), v[0], v[1]); });
  }
  check_gradient({normal({7}, 1)}, [](auto& v) { return where(v[0], sin(v[0]), cos(v[0])); });

  auto x = normal({2}, 4);
  x[0] = 4;
  x[1] = -4;
  Tape<double> tape;
  const V v = tape.variable(x.view());
  const V root = where(v, sqrt(v), clamp(v, -1, 1));  // sqrt(-4) is NaN, and not taken
  CHECK(root.value()[0] == 2);
  CHECK(root.value()[1] == -1);
}

TEST_CASE("tape: slices and concatenations along any axis") {
  const Shape image{2, 4, 3, 5};
  for (int axis = -4; axis < 4; ++axis) {
    const Index extent = image[axis < 0 ? axis + 4 : axis];
    check_gradient({normal(image, 6)}, [=](auto& v) { return slice(v[0], axis, 1, extent - 1); });
    check_gradient({normal(image, 6)}, [=](auto& v) { return slice(v[0], axis, extent, 0); });
    check_gradient({normal(image, 6), normal(image, 7)},
                   [=](auto& v) { return concat(slice(v[0], axis, 0, 1), v[1], axis); });
    auto x = normal(image, 6);
    Tape<double> tape(Recording::no);
    const V v = tape.constant(x.view());
    const V both = concat(slice(v, axis, 0, 1), slice(v, axis, 1, extent - 1), axis);
    CHECK(both.shape() == image);
    CHECK(same_bits<double>(both.value(), x.view()));
  }
  Tensor<double> x(Shape{2, 3});
  for (Index i = 0; i < 6; ++i) x[i] = static_cast<double>(i);
  Tape<double> tape;
  const V v = tape.variable(x.view()), row = slice(v, 0, 1, 1), column = slice(v, 1, 1, 1);
  CHECK(row.value()[2] == 5);
  CHECK(column.value()[0] == 1);
  CHECK(column.value()[1] == 4);
  CHECK(concat(v, row, 0).value()[8] == 5);
  CHECK(concat(v, column, 1).value()[7] == 4);
  CHECK(
      contains(message_of<ShapeError>([&] { slice(v, 1, 2, 2); }), "slice: 2 from 2 on along axis 1 of 2x3"));
  CHECK(contains(message_of<ShapeError>([&] { slice(v, 2, 0, 1); }), "slice: 2x3 has no axis 2"));
  CHECK(contains(message_of<ShapeError>([&] { concat(v, row, 1); }),
                 "concat: 2x3 and 1x3 differ in more than axis 1"));
  CHECK(contains(message_of<ShapeError>([&] { clamp(v, 2, 1); }), "clamp: 2 is above 1"));
}

TEST_CASE("tape: sums, rearrangements, products and convolutions") {
  const Shape image{2, 4, 2, 3};
  const std::vector x{normal(image, 6)};
  check_gradient(x, [](auto& v) { return sum(v[0]); });
  check_gradient(x, [](auto& v) { return mean(square(v[0])); });
  check_gradient(x, [](auto& v) { return sum_per_sample(v[0]); });
  check_gradient(x, [](auto& v) { return reshape(v[0], {8, 6}); });
  check_gradient(x, [](auto& v) { return channels(v[0], 1, 2); });
  check_gradient(x, [](auto& v) { return squeeze(v[0]); });
  check_gradient({normal({2, 2, 1, 8}, 7)}, [](auto& v) { return unsqueeze(v[0]); });
  check_gradient({normal(image, 6), normal({2, 4, 2, 2}, 8)},
                 [](auto& v) { return concat_channels(v[0], v[1]); });
  const std::vector square_matrix{normal({4, 4}, 9)};
  check_gradient(square_matrix, [](auto& v) { return transpose(v[0]); });
  check_gradient({normal({2, 2, 3, 4}, 9)}, [](auto& v) { return transpose(v[0]); });
  check_gradient(square_matrix, [](auto& v) { return strictly_lower(v[0]); });
  check_gradient(square_matrix, [](auto& v) { return strictly_upper(v[0]); });
  check_gradient({normal({4}, 9)}, [](auto& v) { return diagonal(v[0]); });
  check_gradient({normal({2, 3}, 10), normal({3, 4}, 11)}, [](auto& v) { return matmul(v[0], v[1]); });
  check_gradient({normal(image, 6), normal({5, 3}, 12)}, [](auto& v) { return conv1x1(v[0], v[1]); });
  check_gradient({normal(image, 6), normal({3, 3, 3, 2}, 13)}, [](auto& v) { return conv3x3(v[0], v[1]); });
  check_gradient({normal({1, 5, 4, 2}, 6), normal({3, 3, 2, 3}, 13)},
                 [](auto& v) { return conv3x3(v[0], v[1], 2); });
  check_gradient({normal({2, 2, 2, 3}, 10), normal({2, 2, 3, 4}, 11)},
                 [](auto& v) { return matmul(v[0], v[1]); });
}

TEST_CASE("tape: log_sigmoid and softplus are finite far out") {
  Tensor<float> x(Shape{2});
  x[0] = -200;
  x[1] = 200;
  Tape<float> tape;
  const auto v = tape.variable(x.view());
  const auto y = log_sigmoid(v);
  tape.pull_back(sum(y));
  CHECK(y.value()[0] == -200.f);
  CHECK(y.value()[1] == 0.f);
  CHECK(v.grad()[0] == 1.f);
  CHECK(v.grad()[1] == 0.f);
}

TEST_CASE("tape: unsqueeze undoes squeeze, in the order that the layer has") {
  auto x = normal({2, 4, 6, 3}, 14);
  Tensor<double> y(Shape{2, 2, 3, 12});
  ops::squeeze_forward(x.view(), y.view());
  Tape<double> tape(Recording::no);
  const auto v = tape.constant(x.view());
  CHECK(same_bits<double>(squeeze(v).value(), y.view()));
  CHECK(same_bits<double>(unsqueeze(squeeze(v)).value(), x.view()));
}

TEST_CASE("tape: the second round allocates nothing") {
  auto x = normal({64, 64}, 15);
  const auto round = [&] {
    Tape<double> tape;
    const auto v = tape.variable(x.view());
    {
      Tape<double> inner;
      const auto w = inner.variable(x.view());
      inner.pull_back(sum(exp(w)));
    }
    tape.pull_back(sum(matmul(v, tanh(v))));
    return v.grad()[0];
  };
  const double first = round();
  round();
  const auto growths = Tape<double>::arena().growths();
  CHECK(round() == first);
  CHECK(Tape<double>::arena().growths() == growths);
}

TEST_CASE("tape: shapes that do not fit are named") {
  auto a = normal({2, 3}, 1), b = normal({2}, 2);
  Tape<double> tape;
  const auto x = tape.variable(a.view()), y = tape.variable(b.view());
  const auto text = message_of<ShapeError>([&] { x + y; });
  CHECK(contains(text, "2x3"));
  CHECK(contains(text, "operator +"));
  CHECK(contains(text, "2 do not fit"));
  CHECK(contains(message_of<ShapeError>([&] { matmul(x, x); }), "matmul: 2x3 times 2x3"));
  CHECK(contains(message_of<ShapeError>([&] { tape.pull_back(x); }), "needs its adjoint"));
}
