#include "ops/maps.hpp"

using namespace glow;
using namespace glow::test;

TEMPLATE_LIST_TEST_CASE("maps: the inverse undoes the map", "", EveryMap) {
  using Map = typename TestType::Map;
  using T = typename TestType::Number;
  Draws draws;
  Worst x_error, y_error, log_error;
  for (const float scale : {0.0f, 0.1f, 1.0f, 3.0f}) {
    for (int i = 0; i < 20000; ++i) {
      const auto h = draws.outputs<Map, T>(scale);
      const T x = draws.number(1.5f);
      const auto image = forward<Map, T>(x, h);
      T log_scale;
      const T back = Map::inverse(image.y, h, log_scale);
      const auto again = forward<Map, T>(back, h);
      // An error of y becomes one of x divided by the slope, which is not the same at x and where it came
      // back.
      const T slope = std::exp(std::min(image.log_scale, again.log_scale));
      const T y_unit = 3 + std::abs(image.y) + std::abs(h[0]), x_unit = 3 + std::abs(x);
      constexpr T eps = std::numeric_limits<T>::epsilon();
      x_error.take((back - x) / (eps * (x_unit + y_unit / slope)));
      y_error.take((again.y - image.y) / (eps * (y_unit + x_unit * std::exp(again.log_scale))));
      log_error.take(log_scale - again.log_scale);
    }
  }
  CAPTURE(x_error.value, y_error.value, log_error.value);
  CHECK(x_error.value <= 2);
  CHECK(y_error.value <= 2);
  CHECK(log_error.value <= 20 * rounding<Map, T>());
}

TEMPLATE_LIST_TEST_CASE("maps: values are those of more digits", "", EveryMap) {
  using Map = typename TestType::Map;
  using T = typename TestType::Number;
  Draws draws;
  Worst y_error, x_error;
  for (const float scale : {0.1f, 1.0f, 3.0f}) {
    for (int i = 0; i < 20000; ++i) {
      const auto h = draws.outputs<Map, T>(scale);
      const auto exact = converted<long double>(h);
      const T x = draws.number(1.5f);
      const auto want = forward<Map, long double>(x, exact);
      long double log_scale;
      const long double back = Map::inverse(static_cast<long double>(x), exact, log_scale);
      T own_log_scale;
      const long double own_back = Map::inverse(x, h, own_log_scale);
      const long double eps = std::numeric_limits<T>::epsilon(), slope = std::exp(want.log_scale);
      const long double shift = std::abs(exact[0]), slope_back = std::exp(log_scale);
      y_error.take((forward<Map, T>(x, h).y - want.y) /
                   (eps * (3 + std::abs(x)) * (1 + slope) + eps * shift));
      x_error.take((own_back - back) / (eps * (3 + std::abs(x) + shift) * (1 + 1 / slope_back)));
    }
  }
  CAPTURE(y_error.value, x_error.value);
  CHECK(y_error.value <= 4);
  CHECK(x_error.value <= 4);
}

TEMPLATE_LIST_TEST_CASE("maps: the log-scale is the logarithm of the slope", "", EveryMap) {
  using Map = typename TestType::Map;
  using T = typename TestType::Number;
  Draws draws;
  Worst error;
  for (int i = 0; i < 20000; ++i) {
    const auto h = draws.outputs<Map, T>(1);
    const auto exact = converted<long double>(h);
    const T x = draws.number(1.5f);
    constexpr long double step = 1e-7L;
    const long double up = forward<Map>(static_cast<long double>(x) + step, exact).y;
    const long double down = forward<Map>(static_cast<long double>(x) - step, exact).y;
    error.take(static_cast<long double>(forward<Map, T>(x, h).log_scale) -
               std::log((up - down) / (2 * step)));
  }
  CHECK(error.value <= 20 * rounding<Map, T>() + 1e-8);
}

TEMPLATE_LIST_TEST_CASE("maps: pull is the gradient by x and by every output", "", EveryMap) {
  using Map = typename TestType::Map;
  using T = typename TestType::Number;
  Draws draws;
  Worst error;
  for (const float scale : {0.1f, 1.0f, 2.0f}) {
    for (int i = 0; i < 2000; ++i) {
      const auto h = draws.outputs<Map, T>(scale);
      auto exact = converted<long double>(h);
      const T x = draws.number(1.5f), dy = draws.number(1), dlog = draws.number(1);
      const auto loss = [&](long double at) {
        const auto image = forward<Map>(at, exact);
        return static_cast<long double>(dy) * image.y + static_cast<long double>(dlog) * image.log_scale;
      };
      constexpr long double step = 1e-7L;
      const auto compare = [&](T gradient, long double difference) {
        const long double numeric = difference / (2 * step);
        error.take((static_cast<long double>(gradient) - numeric) / std::max(1.0L, std::abs(numeric)));
      };
      OutputsOf<Map, T> dh;
      const T dx = Map::pull(x, dy, dlog, h, dh);
      const auto at = static_cast<long double>(x);
      compare(dx, loss(at + step) - loss(at - step));
      for (int j = 0; j < Map::outputs; ++j) {
        const long double old = exact[j];
        exact[j] = old + step;
        const long double up = loss(at);
        exact[j] = old - step;
        compare(dh[j], up - loss(at));
        exact[j] = old;
      }
    }
  }
  CHECK(error.value <= 20 * rounding<Map, T>() + 1e-8);
}

TEMPLATE_LIST_TEST_CASE("maps: outputs that lie apart, and a gradient in their place", "", EveryMap) {
  using Map = typename TestType::Map;
  using T = typename TestType::Number;
  constexpr Index step = 5;
  Draws draws;
  for (int i = 0; i < 100; ++i) {
    const auto h = draws.outputs<Map, T>(1);
    const T x = draws.number(1.5f), dy = draws.number(1), dlog = draws.number(1);
    OutputsOf<Map, T> dh;
    const T dx = Map::pull(x, dy, dlog, h, dh);
    Numbers<T, Map::outputs * step> apart;
    const Strided<T> strided{apart.begin() + 2, step};
    for (int j = 0; j < Map::outputs; ++j) strided[j] = h[j];
    const auto image = forward<Map, T>(x, h);
    const auto image_apart = forward<Map, T>(x, Strided<const T>{apart.begin() + 2, step});
    CHECK(image_apart.y == image.y);
    CHECK(image_apart.log_scale == image.log_scale);
    CHECK(Map::pull(x, dy, dlog, strided, strided) == dx);
    for (int j = 0; j < Map::outputs; ++j) CHECK(strided[j] == dh[j]);
  }
}

TEMPLATE_LIST_TEST_CASE("maps: outputs of 0 are the identity, or sigmoid(2) as a scale", "", EveryMap) {
  using Map = typename TestType::Map;
  using T = typename TestType::Number;
  const bool is_scaled = scaled_by_sigmoid<Map>;
  const T scale = is_scaled ? T(0.88079707797788243) : T(1);
  const OutputsOf<Map, T> h{};
  Worst y_error, log_error;
  for (int i = -4000; i <= 4000; ++i) {
    const T x = static_cast<T>(i) / 1000;
    const auto image = forward<Map, T>(x, h);
    y_error.take(image.y - scale * x);
    log_error.take(image.log_scale - std::log(scale));
  }
  constexpr double eps = std::numeric_limits<T>::epsilon();
  CHECK(y_error.value <= 4 * eps);  // |x| is up to 4
  CHECK(log_error.value <= 4 * eps);
}

TEMPLATE_LIST_TEST_CASE("maps: monotone, to rounding", "", EveryMap) {
  using Map = typename TestType::Map;
  using T = typename TestType::Number;
  Draws draws;
  Worst fall;
  for (const float scale : {0.1f, 1.0f, 5.0f, 30.0f}) {
    for (int i = 0; i < 50; ++i) {
      const auto h = draws.outputs<Map, T>(scale);
      T before = forward<Map, T>(T(-4), h).y;
      for (int p = -3999; p <= 4000; ++p) {
        const T y = forward<Map, T>(static_cast<T>(p) / 1000, h).y;
        fall.take(std::max(T(0), before - y) / (3 + std::abs(h[0])));
        before = y;
      }
    }
  }
  CHECK(fall.value <= std::numeric_limits<T>::epsilon());
}

TEMPLATE_LIST_TEST_CASE("maps: finite where outputs are as large as they come", "", EveryMap) {
  using Map = typename TestType::Map;
  using T = typename TestType::Number;
  Draws draws;
  std::mt19937 engine(7);
  const float sizes[] = {0, -1, 1, 20, -20, 90, -90, 1e4f, -1e4f, 1e12f, 1e15f, 1e17f, -1e17f, 1e30f, -1e30f};
  const float inputs[] = {0, 1e-30f, 0.5f, -2.999f, 3, -3, 2.9999998f, 3.0000002f, 40, -1e4f};
  const auto one_of = [&](const auto& numbers) {
    return numbers[std::uniform_int_distribution<std::size_t>(0, std::size(numbers) - 1)(engine)];
  };
  int wrong = 0;
  for (int i = 0; i < 100000; ++i) {
    OutputsOf<Map, T> h, dh;
    for (T& v : h) v = i % 2 == 0 ? one_of(sizes) : one_of(sizes) * draws.number(1);
    const T x = i % 3 == 0 ? one_of(inputs) : draws.number(1.5f), dy = draws.number(1),
            dlog = draws.number(1);
    const auto image = forward<Map, T>(x, h);
    T log_scale;
    const T back = Map::inverse(x, h, log_scale), dx = Map::pull(x, dy, dlog, h, dh);
    // The sigmoid's own limit: the inverse of a scale near 0 leaves the numbers that T has.
    const bool has_inverse = !scaled_by_sigmoid<Map> || image.log_scale > -10;
    bool right = std::isfinite(image.y) && std::isfinite(image.log_scale) && std::isfinite(dx) &&
                 std::isfinite(log_scale) && (std::isfinite(back) || !has_inverse);
    for (const T& d : dh) right = right && std::isfinite(d);
    wrong += right ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEMPLATE_LIST_TEST_CASE("maps: what is not a number stays so", "", EveryMap) {
  using Map = typename TestType::Map;
  using T = typename TestType::Number;
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  OutputsOf<Map, T> h{}, dh;
  T log_scale;
  CHECK(std::isnan(Map::forward(nan, h, log_scale)));
  CHECK(std::isnan(Map::inverse(nan, h, log_scale)));
  CHECK(std::isnan(Map::pull(T(0), nan, T(1), h, dh)));
  CHECK(std::isnan(dh[0]));
  const int read_everywhere = Map::outputs < 3 ? Map::outputs : 2 * (Map::outputs + 1) / 3;
  for (int j = 0; j < read_everywhere; ++j) {
    h = {};
    h[j] = nan;
    CHECK(std::isnan(Map::forward(T(0.1), h, log_scale)));
    CHECK(std::isnan(Map::inverse(T(0.1), h, log_scale)));
  }
}
