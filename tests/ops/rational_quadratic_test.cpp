#include <vector>

#include "ops/maps.hpp"

using namespace glow;
using namespace glow::test;

namespace {

/// The spline as the paper writes it (Durkan et al. 2019, equations 4 and 5), from its knots; its inverse by
/// bisection.
struct Reference {
  std::vector<long double> x{-3}, y{-3}, d{1};

  explicit Reference(const OutputsOf<Spline, double>& raw) {
    const auto h = converted<long double>(raw);
    constexpr int bins = Spline::bins;
    const auto cut = [&](std::vector<long double>& knots, int first) {
      long double sum = 0;
      for (int j = 0; j < bins; ++j) sum += std::exp(h[first + j]);
      for (int j = 0; j < bins; ++j) {
        knots.push_back(knots.back() + 6 * (0.001L + (1 - bins * 0.001L) * std::exp(h[first + j]) / sum));
      }
    };
    cut(x, 0);
    cut(y, bins);
    const long double start = std::log(std::exp(0.999L) - 1);
    for (int j = 2 * bins; j < Spline::outputs; ++j) {
      d.push_back(0.001L + std::log(1 + std::exp(h[j] + start)));
    }
    d.push_back(1);
  }

  Image<long double> operator()(long double v) const {
    if (v < -3 || v > 3) return {v, 0};
    std::size_t k = 0;
    while (k + 2 < x.size() && v >= x[k + 1]) ++k;
    const long double s = (y[k + 1] - y[k]) / (x[k + 1] - x[k]), t = (v - x[k]) / (x[k + 1] - x[k]);
    const long double below = s + (d[k + 1] + d[k] - 2 * s) * t * (1 - t);
    const long double slope =
        s * s * (d[k + 1] * t * t + 2 * s * t * (1 - t) + d[k] * (1 - t) * (1 - t)) / (below * below);
    return {y[k] + (y[k + 1] - y[k]) * (s * t * t + d[k] * t * (1 - t)) / below, std::log(slope)};
  }

  long double inverse(long double v) const {
    long double low = -16, high = 16;
    for (int i = 0; i < 80; ++i) {
      const long double middle = (low + high) / 2;
      ((*this)(middle).y < v ? low : high) = middle;
    }
    return low;
  }
};

/// The h of the golden numbers: ((7 j) mod 11 - 5) / 4.
OutputsOf<Spline, double> golden_outputs() {
  OutputsOf<Spline, double> h;
  for (int j = 0; j < Spline::outputs; ++j) h[j] = (j * 7 % 11 - 5) / 4.0;
  return h;
}

}  // namespace

TEST_CASE("spline: golden numbers") {
  // The paper's formula with 40 digits, in Python.
  const struct {
    double x, y, log_scale;
  } golden[] = {{-2.75, -2.7193341870504366651, -0.1988670008488058365},
                {-1.25, -1.0518432801402383179, -2.9392107502073573185},
                {-0.5, -1.0316926579955321408, -3.8779509720839511361},
                {0, -1.0111999093454544716, -2.2542645872210118847},
                {0.625, -0.36336320065808856116, 0.56678509661996718723},
                {1.5, 0.88135895822637416571, 0.5753413723905948497},
                {2.875, 2.8331506829830932925, 0.50140129842350813534}};
  const auto h = golden_outputs();
  for (const auto& g : golden) {
    CAPTURE(g.x);
    const auto image = forward<Spline>(g.x, h);
    CHECK(std::abs(image.y - g.y) <= 2e-15);
    CHECK(std::abs(image.log_scale - g.log_scale) <= 2e-14);
    double log_scale;
    CHECK(std::abs(Spline::inverse(g.y, h, log_scale) - g.x) <= 1e-13);
    CHECK(std::abs(log_scale - g.log_scale) <= 1e-13);
  }
}

TEST_CASE("spline: the paper's formula, and its inverse by bisection") {
  constexpr double eps = std::numeric_limits<double>::epsilon();
  Draws draws;
  Worst y_error, log_error, x_error;
  for (const float scale : {0.1f, 1.0f, 3.0f}) {
    for (int i = 0; i < 2000; ++i) {
      const auto h = draws.outputs<Spline, double>(scale);
      const Reference reference(h);
      const double x = draws.number(1.5f);
      const auto want = reference(x);
      const auto image = forward<Spline>(x, h);
      y_error.take((image.y - want.y) / (3 * eps * (1 + std::exp(want.log_scale))));
      log_error.take(image.log_scale - want.log_scale);
      double log_scale;
      const double back = Spline::inverse(x, h, log_scale);
      x_error.take((back - reference.inverse(x)) / (3 * eps * (1 + std::exp(-log_scale))));
    }
  }
  CAPTURE(y_error.value, log_error.value, x_error.value);
  CHECK(y_error.value <= 6);
  CHECK(x_error.value <= 6);
  CHECK(log_error.value <= 20 * rounding<Spline, double>());
}

TEMPLATE_TEST_CASE("spline: the box's ends are fixed, with slope 1 on both sides", "", float, double) {
  using T = TestType;
  Draws draws;
  Worst log_at_end, log_inside;
  for (const float scale : {0.1f, 1.0f, 3.0f}) {
    for (int i = 0; i < 1000; ++i) {
      const auto h = draws.outputs<Spline, T>(scale);
      for (const T end : {T(-3), T(3)}) {
        const T outside = std::nextafter(end, 2 * end), inside = std::nextafter(end, T(0));
        CHECK(forward<Spline, T>(outside, h).y == outside);
        CHECK(forward<Spline, T>(outside, h).log_scale == 0);
        CHECK(std::abs(forward<Spline, T>(end, h).y - end) <= std::abs(outside - end));
        CHECK(std::abs(forward<Spline, T>(inside, h).y - end) <= 3 * std::abs(inside - end));
        log_at_end.take(forward<Spline, T>(end, h).log_scale);
        OutputsOf<Spline, T> dh;
        const T change = std::abs(Spline::pull(inside, T(0), T(1), h, dh) * (inside - end));
        log_inside.take(forward<Spline, T>(inside, h).log_scale /
                        (change + std::numeric_limits<T>::epsilon()));
      }
    }
  }
  CAPTURE(log_at_end.value, log_inside.value);
  CHECK(log_at_end.value <= 4 * std::numeric_limits<T>::epsilon());
  CHECK(log_inside.value <= 4);
}

TEMPLATE_TEST_CASE("spline: what is in the box stays in it", "", float, double) {
  using T = TestType;
  Draws draws;
  int outside = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto h = draws.outputs<Spline, T>(3);
    T log_scale, v = 3;
    for (int step = 0; step < 3; ++step, v = std::nextafter(v, T(0))) {
      for (const T x : {-v, v}) {
        outside += std::abs(Spline::forward(x, h, log_scale)) <= 3 ? 0 : 1;
        outside += std::abs(Spline::inverse(x, h, log_scale)) <= 3 ? 0 : 1;
      }
    }
  }
  CHECK(outside == 0);
}

TEST_CASE("spline: slopes are continuous from bin to bin") {
  Draws draws;
  Worst y_jump, log_jump;
  for (int i = 0; i < 1000; ++i) {
    const auto h = draws.outputs<Spline, double>(1);
    const Reference reference(h);
    for (std::size_t k = 1; k < Spline::bins; ++k) {
      constexpr long double step = 1e-14L;
      const auto exact = converted<long double>(h);
      const auto before = forward<Spline>(reference.x[k] - step, exact);
      const auto after = forward<Spline>(reference.x[k] + step, exact);
      y_jump.take(after.y - before.y);
      log_jump.take(after.log_scale - before.log_scale);
      log_jump.take(after.log_scale - std::log(reference.d[k]));
    }
  }
  CHECK(y_jump.value <= 1e-11);
  CHECK(log_jump.value <= 1e-9);
}

TEST_CASE("spline: bins keep a thousandth of the box, slopes a thousandth") {
  constexpr int bins = Spline::bins;
  for (int wide = 0; wide < bins; ++wide) {
    OutputsOf<Spline, double> h{};
    h[wide] = 1e30;
    for (int j = 2 * bins; j < Spline::outputs; ++j) h[j] = -1e30;
    double x = -3, y = -3;
    for (int knot = 1; knot < bins; ++knot) {
      x += 6 * (knot - 1 == wide ? 0.993 : 0.001);
      y += 6.0 / bins;
      const auto image = forward<Spline>(x, h);
      CAPTURE(wide, knot);
      CHECK(std::abs(image.y - y) <= 1e-14);
      CHECK(std::abs(image.log_scale - std::log(0.001)) <= 1e-6);
    }
  }
}

TEMPLATE_TEST_CASE("spline: any number of bins", "", RationalQuadratic<1>, RationalQuadratic<2>,
                   RationalQuadratic<5>, RationalQuadratic<32>) {
  Draws draws;
  Worst error;
  for (int i = 0; i < 1000; ++i) {
    const auto h = draws.outputs<TestType, double>(0.5f);
    const double x = draws.number(1.5f);
    double log_scale;
    const auto image = forward<TestType>(x, h);
    error.take((TestType::inverse(image.y, h, log_scale) - x) * std::exp(image.log_scale) /
               (1 + std::exp(image.log_scale)));
  }
  CHECK(error.value <= 1e-14);
}
