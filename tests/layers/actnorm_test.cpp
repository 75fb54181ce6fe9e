#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// The library's warnings while fn() runs.
template <class F>
std::string warnings_of(F fn) {
  std::string all;
  const auto before = on_warning([&](const std::string& text) { all += text + "\n"; });
  fn();
  on_warning(before);
  return all;
}

}  // namespace

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

TEST_CASE("actnorm: a constant channel is warned of and stays finite") {
  const ActNorm layer;
  const Shape shape{4, 2, 2, 3};
  Parameters<ActNorm, float> p(layer, shape);
  auto x = normal<float>(shape, 1);
  for (Index r = 0; r < x.rows(); ++r) x[r * 3 + 1] = 0.25f;
  const auto text = warnings_of([&] { layer.start(p.params(), x.view()); });
  CHECK(contains(text, "1 of 3 channels"));
  layer.forward(p.params(), x.view(), View<float>());
  for (const float v : x) CHECK(std::isfinite(v));
}
