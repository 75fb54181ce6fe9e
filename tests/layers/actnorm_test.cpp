#include "support.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("actnorm: its start gives mean 0 and deviation 1, also where the mean is far from 0") {
  const ActNorm layer;
  const Shape shape{16, 5, 3, 2};
  Parameters<ActNorm, double> p(layer, shape);
  auto x = normal(shape, 1, 0.2);
  for (double& v : x) v -= 0.15;
  layer.start(p.params(), x.view());
  layer.forward(p.params(), x.view(), View<double>());
  for (Index c = 0; c < 2; ++c) {
    double mean = 0, squares = 0;
    for (Index r = 0; r < x.rows(); ++r) {
      mean += x[r * 2 + c] / static_cast<double>(x.rows());
      squares += x[r * 2 + c] * x[r * 2 + c] / static_cast<double>(x.rows());
    }
    CHECK(std::abs(mean) < 1e-12);
    CHECK(std::abs(squares - 1) < 1e-12);
  }
}

TEST_CASE("actnorm: a constant channel is warned of and takes the scale of the others") {
  const ActNorm layer;
  const Shape shape{16, 2, 2, 3};
  Parameters<ActNorm, float> p(layer, shape);
  auto x = normal<float>(shape, 1);
  for (Index r = 0; r < x.rows(); ++r) x[r * 3 + 1] = 0.25f;
  const auto text = warnings_of([&] { layer.start(p.params(), x.view()); });
  CHECK(contains(text, "1 of 3 channels"));
  const auto log_scale = p.params().log_scale;
  CHECK(std::abs(log_scale[1] + std::log(2.0f / 3) / 2) < 0.3f);  // N(0, 1) in two channels of three
  layer.forward(p.params(), x.view(), View<float>());
  CHECK(std::abs(x[1]) < 1e-6f);
}

TEST_CASE("actnorm: where all is constant the scale stays 1") {
  const ActNorm layer;
  const Shape shape{16, 2, 2, 3};
  Parameters<ActNorm, float> p(layer, shape);
  Tensor<float> x(shape);
  CHECK(contains(warnings_of([&] { layer.start(p.params(), x.view()); }), "3 of 3 channels"));
  for (const float s : p.params().log_scale) CHECK(s == 0);
}

TEST_CASE("actnorm: missing rows of a start count as draws about 0 with the mean square of all numbers") {
  const ActNorm layer;
  const Shape shape{1, 2, 2, 2};  // 4 rows of 64
  Parameters<ActNorm, double> p(layer, shape);
  auto x = normal(shape, 1, 0.2);
  for (Index r = 0; r < 4; ++r) x[2 * r] += 0.4;
  layer.start(p.params(), x.view());
  double mean_square = 0;
  for (const double v : x) mean_square += v * v / 8;
  for (Index c = 0; c < 2; ++c) {
    double sum = 0, squares = 0;
    for (Index r = 0; r < 4; ++r) {
      sum += x[2 * r + c];
      squares += x[2 * r + c] * x[2 * r + c];
    }
    const double mean = sum / 64, variance = (squares + 60 * mean_square) / 64 - mean * mean;
    CHECK(std::abs(p.params().bias[c] + mean) < 1e-12);
    CHECK(std::abs(p.params().log_scale[c] + std::log(variance) / 2) < 1e-12);
  }
}

TEST_CASE("actnorm: a single number is no batch") {
  CHECK(contains(message_of<ShapeError>([] { ActNorm().declare({5}); }),
                 "ActNorm: input 5 must be [N, H, W, C] or [N, D]"));
}
