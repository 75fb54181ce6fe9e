#include "tape_twin.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: the tape's functions of one element equal their CPU twins", "[cuda]", float,
                   double) {
  using T = TestType;
  const Shape shape = GENERATE(Shape{}, Shape{3}, Shape{2, 3, 5, 7}, Shape{1, 1, 1, 1025}, Shape{0, 2});
  const std::vector in{normal(shape, 1)}, up{positive(shape, 2)};
  check_twin<T>(in, [](auto& v) { return exp(v[0]); });
  check_twin<T>(up, [](auto& v) { return log(v[0]); });
  check_twin<T>(up, [](auto& v) { return sqrt(v[0]); });
  check_twin<T>(in, [](auto& v) { return square(v[0]); });
  check_twin<T>(in, [](auto& v) { return abs(v[0]); });
  check_twin<T>(in, [](auto& v) { return sin(v[0]); });
  check_twin<T>(in, [](auto& v) { return cos(v[0]); });
  check_twin<T>(in, [](auto& v) { return tanh(v[0]); });
  check_twin<T>(in, [](auto& v) { return sinh(v[0]); });
  check_twin<T>(in, [](auto& v) { return asinh(v[0]); });
  check_twin<T>(in, [](auto& v) { return relu(v[0]); });
  check_twin<T>(in, [](auto& v) { return sigmoid(v[0]); });
  check_twin<T>(in, [](auto& v) { return softplus(v[0]); });
  check_twin<T>(in, [](auto& v) { return log_sigmoid(v[0]); });
  check_twin<T>(in, [](auto& v) { return clamp(v[0], -0.5, 1); });
  check_twin<T>(up, [](auto& v) { return 3 - (2 + v[0] * 4 - 1.5) / 2 + 5 / v[0] + (-v[0]); });
}

namespace {

// The operators of a whole tensor and one that is spread over it.
template <class T>
void check_operators(const Shape& whole) {
  for (const Shape& part : {whole, Shape{}, Shape{1}, Shape{whole.back()}}) {
    const std::vector first{normal(whole, 1), positive(part, 2)}, second{normal(part, 3), positive(whole, 4)};
    for (const auto& in : {first, second}) {
      check_twin<T>(in, [](auto& v) { return v[0] + v[1]; });
      check_twin<T>(in, [](auto& v) { return v[0] - v[1]; });
      check_twin<T>(in, [](auto& v) { return v[0] * v[1]; });
      check_twin<T>(in, [](auto& v) { return v[0] / v[1]; });
      check_twin<T>(in, [](auto& v) { return where(v[0], v[1], v[0]); });
    }
    check_twin<T>(first, [](auto& v) {
      auto a = v[0] * v[0];
      a += v[1];
      a -= 3 * v[0];
      return a;
    });
  }
}

template <class T>
void check_sums(const Shape& shape) {
  const std::vector in{normal(shape, 1)};
  check_twin<T>(in, [](auto& v) { return sum(v[0]); });
  check_twin<T>(in, [](auto& v) { return sum_per_sample(v[0]); });
  if (shape.size() > 0) check_twin<T>(in, [](auto& v) { return mean(square(v[0])); });
}

}  // namespace

TEMPLATE_TEST_CASE("cuda: the tape's operators equal their CPU twins, however spread", "[cuda]", float,
                   double) {
  check_operators<TestType>(GENERATE(Shape{3}, Shape{1, 1, 1, 1}, Shape{2, 3, 5, 7}));
}

TEMPLATE_TEST_CASE("cuda: the tape's operators equal their CPU twins in large tensors", "[cuda][long]", float,
                   double) {
  check_operators<TestType>(
      GENERATE(Shape{3, 19, 5, 12}, Shape{5, 1, 1, 300}, Shape{1100, 2}, Shape{2000, 1, 1, 1}));
}

TEMPLATE_TEST_CASE("cuda: the tape's sums equal their CPU twins", "[cuda]", float, double) {
  check_sums<TestType>(GENERATE(Shape{1}, Shape{3, 1, 1, 2}, Shape{2, 3, 5, 7}, Shape{0, 3}));
}

TEMPLATE_TEST_CASE("cuda: the tape's sums of many numbers equal their CPU twins", "[cuda][long]", float,
                   double) {
  check_sums<TestType>(GENERATE(Shape{3, 33, 17, 5}, Shape{1500, 2}));
}

TEMPLATE_TEST_CASE("cuda: the tape's rearrangements equal their CPU twins", "[cuda]", float, double) {
  using T = TestType;
  for (const Shape& image : {Shape{2, 4, 2, 3}, Shape{1, 6, 10, 7}, Shape{0, 2, 2, 3}}) {
    const std::vector x{normal(image, 1)};
    check_twin<T>(x, [&](auto& v) { return reshape(v[0], {image.size()}); });
    check_twin<T>(x, [](auto& v) { return channels(v[0], 1, 2); });
    check_twin<T>(x, [](auto& v) { return channels(v[0], 0, 0); });
    check_twin<T>(x, [](auto& v) { return transpose(v[0]); });
    for (int axis = 1; axis < 4; ++axis) check_twin<T>(x, [=](auto& v) { return slice(v[0], axis, 1, 1); });
    check_twin<T>({normal(image, 1), normal(image, 2)}, [](auto& v) { return concat(v[0], v[1], 1); });
    check_twin<T>(x, [](auto& v) { return squeeze(v[0]); });
    check_twin<T>(x, [](auto& v) { return square(unsqueeze(exp(squeeze(v[0])))); });
    check_twin<T>({normal(image, 1), normal({image[0], image[1], image[2], 5}, 2)},
                  [](auto& v) { return concat_channels(v[0], v[1]); });
  }
  for (const Shape& matrix : {Shape{1, 1}, Shape{5, 5}, Shape{3, 7}, Shape{40, 40}}) {
    const std::vector a{normal(matrix, 3)};
    check_twin<T>(a, [](auto& v) { return transpose(v[0]); });
    check_twin<T>(a, [](auto& v) { return concat(slice(v[0], 0, 0, 1), v[0], 0); });
    check_twin<T>(a, [](auto& v) { return strictly_lower(v[0]); });
    check_twin<T>(a, [](auto& v) { return strictly_upper(v[0]); });
  }
  check_twin<T>({normal({9}, 4)}, [](auto& v) { return diagonal(v[0]); });
}

TEMPLATE_TEST_CASE("cuda: the tape's products equal their CPU twins", "[cuda][convolution]", float, double) {
  using T = TestType;
  check_twin<T>({normal({5, 3}, 1), normal({3, 7}, 2)}, [](auto& v) { return matmul(v[0], v[1]); });
  check_twin<T>({normal({4, 4}, 1)}, [](auto& v) { return matmul(v[0], v[0]); });
  check_twin<T>({normal({2, 0}, 1), normal({0, 3}, 2)}, [](auto& v) { return matmul(v[0], v[1]); });
  check_twin<T>({normal({4, 5, 3}, 1), normal({4, 3, 7}, 2)}, [](auto& v) { return matmul(v[0], v[1]); });
  check_twin<T>({normal({2, 3, 5, 3}, 1), normal({2, 3, 5, 4}, 2)},
                [](auto& v) { return matmul(transpose(v[0]), v[1]); });
  check_twin<T>({normal({3, 2, 0}, 1), normal({3, 0, 3}, 2)}, [](auto& v) { return matmul(v[0], v[1]); });
  for (const Shape& image : {Shape{1, 1, 1, 1}, Shape{2, 4, 2, 3}, Shape{3, 5, 7, 6}, Shape{0, 2, 2, 3}}) {
    const Index c = image.back();
    check_twin<T>({normal(image, 1), normal({5, c}, 2)}, [](auto& v) { return conv1x1(v[0], v[1]); });
    for (const Index dilation : {1, 2, 4}) {
      check_twin<T>({normal(image, 1), normal({3, 3, c, 4}, 2)},
                    [=](auto& v) { return conv3x3(v[0], v[1], dilation); });
    }
  }
}

TEST_CASE("cuda: a convolution of more images than its temporaries hold", "[cuda][convolution][long]") {
  check_twin<double>({normal({3, 96, 96, 2}, 1), normal({3, 3, 2, 3}, 2)},
                     [](auto& v) { return conv3x3(v[0], v[1]); });
}

TEST_CASE("cuda: a scalar is pulled back from 1, and the second round allocates nothing", "[cuda]") {
  auto x = on_gpu(normal({64, 12}, 15)), row = on_gpu(normal({12}, 16));
  const auto round = [&] {
    Tape<double, Cuda> tape;
    const auto v = tape.variable(x.view()), w = tape.variable(row.view());
    tape.pull_back(sum(square(v) * w));
    return on_cpu(w.grad());
  };
  const auto first = round();
  Tensor<double> expected(Shape{12});
  const auto here = on_cpu(x.view());
  for (Index i = 0; i < here.size(); ++i) expected[i % 12] += here[i] * here[i];
  CHECK(difference(first, expected) <= 1e-12);
  round();
  const auto growths = Tape<double, Cuda>::arena().growths() + Arena<Cuda>::local().growths();
  CHECK(same_bits<double>(round(), first));
  CHECK(Tape<double, Cuda>::arena().growths() + Arena<Cuda>::local().growths() == growths);
}

}  // namespace glow::test
