#include "twins.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: cutting and joining channels equals the CPU twins", "[cuda]", float, double) {
  using T = TestType;
  const Index rows = GENERATE(1, 7, 300);
  const auto [ca, cb] = GENERATE(std::pair<Index, Index>{1, 1}, std::pair<Index, Index>{1, 2},
                                 std::pair<Index, Index>{6, 6}, std::pair<Index, Index>{8, 4},
                                 std::pair<Index, Index>{150, 151}, std::pair<Index, Index>{300, 300});
  auto x = normal<T>({rows, ca + cb}, 1);
  Tensor<T> a({rows, ca}), b({rows, cb});
  ops::split_channels(x.view(), a.view(), b.view());
  Tensor<T, Cuda> gpu_a({rows, ca}), gpu_b({rows, cb}), joined({rows, ca + cb});
  split_channels(lend(on_gpu(x)), gpu_a.view(), gpu_b.view());
  CHECK(same_bits<T>(on_cpu(gpu_a.view()), a));
  CHECK(same_bits<T>(on_cpu(gpu_b.view()), b));
  join_channels(gpu_a.view(), gpu_b.view(), joined.view());
  CHECK(same_bits<T>(on_cpu(joined.view()), x));
}

TEMPLATE_TEST_CASE("cuda: a squeezed second half is cut and joined as on the CPU", "[cuda]", float, double) {
  using T = TestType;
  const Shape image = GENERATE(Shape{1, 2, 2, 2}, Shape{2, 4, 6, 3}, Shape{3, 6, 2, 12}, Shape{1, 8, 4, 600});
  const Index ca = image[3] / 2, cb = image[3] - ca;
  const Shape of_a{image[0], image[1], image[2], ca}, of_b{image[0], image[1], image[2], cb};
  auto x = normal<T>(image, 1);
  Tensor<T> a(of_a), b(of_b), plain_a(of_a), squeezed(Squeeze().output(of_b)), expected(squeezed.shape()),
      back(image);
  ops::split_channels(x.view(), plain_a.view(), b.view());
  ops::squeeze_forward(b.view(), expected.view());
  ops::split_channels(x.view(), a.view(), squeezed.view());
  CHECK(same_bits<T>(a.view(), plain_a.view()));
  CHECK(same_bits<T>(squeezed.view(), expected.view()));
  ops::join_channels(a.view(), squeezed.view(), back.view());
  CHECK(same_bits<T>(back.view(), x.view()));

  Tensor<T, Cuda> gpu_a(of_a), gpu_b(squeezed.shape()), joined(image);
  split_channels(lend(on_gpu(x)), gpu_a.view(), gpu_b.view());
  CHECK(same_bits<T>(on_cpu(gpu_a.view()), a));
  CHECK(same_bits<T>(on_cpu(gpu_b.view()), squeezed));
  join_channels(gpu_a.view(), gpu_b.view(), joined.view());
  CHECK(same_bits<T>(on_cpu(joined.view()), x));
}

namespace {

template <class T>
void check_rows(Index rows, Index c) {
  auto row = normal({c}, 1), x = normal({rows, c}, 2);
  Tensor<T, Cuda> repeated({rows, c});
  repeat_row(lend(on_gpu(as<T>(row))), repeated.view());
  Tensor<double> expected({rows, c});
  ops::repeat_row(row.view(), expected.view());
  CHECK(same_bits<T>(on_cpu(repeated.view()), as<T>(expected)));

  auto sum = on_gpu(as<T>(row));
  sum_of_rows(lend(on_gpu(as<T>(x))), sum.view());
  auto expected_sum = row;
  ops::sum_of_rows(x.view(), expected_sum.view());
  CHECK(difference(sum, expected_sum) <= tolerance<T>);
}

}  // namespace

TEMPLATE_TEST_CASE("cuda: a repeated row and the sum of rows equal the CPU twins", "[cuda]", float, double) {
  check_rows<TestType>(GENERATE(1, 9, 130), GENERATE(1, 3, 12, 50, 257));
}

TEMPLATE_TEST_CASE("cuda: a row repeated often and the sum of many rows", "[cuda][long]", float, double) {
  check_rows<TestType>(GENERATE(1, 9, 2500), GENERATE(1, 3, 12, 50, 257, 1030));
}

}  // namespace glow::test
