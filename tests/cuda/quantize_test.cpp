#include "twins.hpp"

namespace glow::test {
namespace {

std::vector<std::uint8_t> all_pixels(Index size) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 37);
  return pixels;
}

}  // namespace

TEMPLATE_TEST_CASE("cuda: pixels become the CPU's numbers and come back", "[cuda]", float, double) {
  using T = TestType;
  const Index size = GENERATE(1, 4, 255, 1030);
  const int bits = GENERATE(1, 5, 8);
  const auto pixels = all_pixels(size);
  const Random random{3, 5};
  Tensor<T> expected(Shape{size});
  Tensor<T, Cuda> x(Shape{size});
  const double exact = std::is_same_v<T, float> ? 1e-6 : 1e-14;

  const View<const std::uint8_t> view(pixels.data(), {size});
  ops::dequantize(view, bits, random, expected.view());
  ops::dequantize(view, bits, random, x.view());
  CHECK(difference(on_cpu(x.view()), expected) <= exact);
  std::vector<std::uint8_t> back(pixels.size()), expected_back(pixels.size());
  ops::quantize<T>(x.view(), bits, back);
  ops::quantize<T>(expected.view(), bits, expected_back);
  CHECK(back == expected_back);

  ops::centre_of_bins(std::span(pixels), bits, expected.view());
  ops::centre_of_bins(std::span(pixels), bits, x.view());
  CHECK(same_bits<T>(on_cpu(x.view()), expected));
}

TEMPLATE_TEST_CASE("cuda: dequantize takes pixels and stream from the GPU", "[cuda]", float, double) {
  using T = TestType;
  const Index size = 1030, offset = GENERATE(0, 1);
  const auto pixels = all_pixels(size);
  const Random random{3, 5};
  Tensor<std::uint8_t, Cuda> memory(Shape{size + offset});
  const View<std::uint8_t, Cuda> on_gpu_pixels(memory.data() + offset, {size});
  transfer(View<const std::uint8_t, Cpu>(pixels.data(), {size}), on_gpu_pixels);
  Tensor<Random, Cuda> gpu_random(Shape{1});
  transfer(View<const Random, Cpu>(&random, {1}), gpu_random.view());
  Tensor<T, Cuda> x(Shape{size}), expected(Shape{size});
  ops::dequantize(View<const std::uint8_t, Cuda>(on_gpu_pixels), 8, View<const Random, Cuda>(gpu_random),
                  x.view());
  ops::dequantize(View<const std::uint8_t>(pixels.data(), {size}), 8, random, expected.view());
  CHECK(same_bits<T>(on_cpu(x.view()), on_cpu(expected.view())));
}

TEMPLATE_TEST_CASE("cuda: each image is dequantized with its own noise, as on the CPU", "[cuda]", float,
                   double) {
  using T = TestType;
  const Shape image = GENERATE(Shape{3, 1, 1, 1}, Shape{5, 3, 5, 1}, Shape{3, 2, 2, 3}, Shape{3, 6, 2, 4});
  auto pixels = all_pixels(image.size());
  const View<const std::uint8_t> view(pixels.data(), image);
  const std::vector<Random> noise{{3, 5}, {3, 9}, {1, 5}, {1, 6}, {7, 7}};
  const View<const Random> streams(noise.data(), {image[0]});
  const double exact = std::is_same_v<T, float> ? 1e-6 : 1e-14;
  const auto check = [&](const Shape& shape) {
    Tensor<T> expected(shape);
    Tensor<T, Cuda> x(shape);
    ops::dequantize_by_image(view, 5, streams, expected.view());
    ops::dequantize_by_image(view, 5, streams, x.view());
    CHECK(difference(on_cpu(x.view()), expected) <= exact);
  };
  check(image);
  if (image[1] % 2 == 0) check(Squeeze().output(image));
}

TEMPLATE_TEST_CASE("cuda: squeezed numbers are those of the pixels in rows, squeezed", "[cuda]", float,
                   double) {
  using T = TestType;
  const Shape image = GENERATE(Shape{1, 2, 2, 1}, Shape{2, 4, 6, 3}, Shape{3, 6, 2, 4}, Shape{5, 8, 14, 2});
  const Shape squeezed = Squeeze().output(image);
  auto pixels = all_pixels(image.size());
  const View<const std::uint8_t> view(pixels.data(), image);
  const Random random{3, 5};
  Tensor<T> in_rows(image), expected(squeezed), x(squeezed);
  ops::dequantize(view, 5, random, in_rows.view());
  ops::squeeze_forward(in_rows.view(), expected.view());
  ops::dequantize(view, 5, random, x.view());
  CHECK(same_bits<T>(x.view(), expected.view()));

  Tensor<T, Cuda> gpu_in_rows(image), gpu_expected(squeezed), gpu_x(squeezed);
  ops::dequantize(view, 5, random, gpu_in_rows.view());
  squeeze_forward(gpu_in_rows.view(), gpu_expected.view());
  ops::dequantize(view, 5, random, gpu_x.view());
  CHECK(same_bits<T>(on_cpu(gpu_x.view()), on_cpu(gpu_expected.view())));

  std::vector<std::uint8_t> back(pixels.size()), from_rows(pixels.size());
  ops::quantize<T>(in_rows.view(), 5, from_rows);
  ops::quantize<T>(x.view(), 5, View<std::uint8_t>(back.data(), image));
  CHECK(back == from_rows);
  back.assign(back.size(), 0);
  ops::quantize<T>(gpu_x.view(), 5, View<std::uint8_t>(back.data(), image));
  CHECK(back == from_rows);
}

TEST_CASE("cuda: numbers outside the pixels' range are cut, NaN is 0, bits are checked", "[cuda]") {
  Tensor<float> x(Shape{5});
  x[0] = -7, x[1] = 9, x[2] = std::nanf(""), x[3] = 0, x[4] = 0.499F;
  std::vector<std::uint8_t> pixels(5);
  ops::quantize<float>(lend(on_gpu(x)), 8, pixels);
  CHECK(pixels == std::vector<std::uint8_t>{0, 255, 0, 128, 255});
  CHECK(contains(message_of([&] { ops::quantize<float>(lend(on_gpu(x)), 9, pixels); }), "n_bits: 9"));
}

}  // namespace glow::test
