#include <glow/ops/kernels/neighbours.hpp>

#include "twins.hpp"

namespace glow::test {
namespace {

const Shape pixel_shapes[] = {{1, 1, 1, 1}, {2, 3, 5, 4}, {3, 1, 7, 3}, {1, 9, 9, 6}, {2, 4, 4, 67}};

// Gathers the last `channels` of x, on both devices.
template <class E, class T>
void check_gather(const Tensor<T>& x, Index channels, ops::Taps direction) {
  const Index pixels = x.rows(), c = x.channels(), used = ops::taps * channels, pitch = used + 5;
  const Index skipped = c - channels;
  Tensor<T> expected(Shape{pixels * used + ops::slack});
  ops::gather_neighbours(x.data() + skipped, c, x.height(), x.width(), channels, direction, Index{0}, pixels,
                         expected.data(), used);
  Tensor<E, Cuda> gathered(Shape{pixels, pitch});
  auto on_device = on_gpu(x);
  kernels::launch_gather_neighbours(on_device.data() + skipped, c, x.height(), x.width(), channels, direction,
                                    pixels, gathered.data(), pitch, cuda::stream());
  const auto rows = on_cpu(gathered.view());
  Index wrong = 0;
  for (Index i = 0; i < rows.size(); ++i) {
    const Index p = i / pitch, k = i % pitch;
    const T right = k < used ? expected[p * used + k] : T(0);
    if (static_cast<T>(rows[i]) != static_cast<T>(static_cast<E>(right))) ++wrong;
  }
  CHECK(wrong == 0);
}

}  // namespace

TEMPLATE_TEST_CASE("cuda: the gather of neighbours equals its CPU twin", "[cuda]", float, double) {
  for (const Shape& shape : pixel_shapes) {
    auto x = normal<TestType>(shape, 1);
    for (const ops::Taps direction : {ops::Taps::same, ops::Taps::mirrored}) {
      check_gather<TestType>(x, shape[3], direction);
      check_gather<TestType>(x, (shape[3] + 1) / 2, direction);
      if constexpr (std::is_same_v<TestType, float>) check_gather<__nv_bfloat16>(x, shape[3], direction);
    }
  }
}

TEMPLATE_TEST_CASE("cuda: the sum over neighbours equals its CPU twin", "[cuda]", float, double) {
  using T = TestType;
  for (const Shape& shape : pixel_shapes) {
    const Index c = shape[3], pixels = shape.size() / c, pitch = ops::taps * c + 3, stride = c + 2;
    auto parts = normal<double>({pixels, pitch}, 1), out = normal<double>({pixels, stride}, 2);
    for (const ops::Taps direction : {ops::Taps::same, ops::Taps::mirrored}) {
      Tensor<double> expected = out, padded(Shape{parts.size() + ops::slack}), zeros(Shape{c + ops::slack}),
                     sum(Shape{pixels * c + ops::slack});
      std::copy_n(parts.data(), parts.size(), padded.data());
      ops::sum_neighbours(padded.data(), pitch, zeros.data(), shape[1], shape[2], c, direction, Index{0},
                          pixels, sum.data());
      for (Index i = 0; i < pixels * c; ++i) expected[i / c * stride + i % c] += sum[i];
      auto on_device = on_gpu(as<T>(parts));
      auto sums = on_gpu(as<T>(out));
      kernels::launch_sum_neighbours(on_device.data(), pitch, shape[1], shape[2], c, direction, pixels,
                                     sums.data(), stride, cuda::stream());
      CHECK(difference(sums, expected) <= tolerance<T>);
    }
  }
}

}  // namespace glow::test
