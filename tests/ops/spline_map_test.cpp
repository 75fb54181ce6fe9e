// The CPU's loops of splines, whose exponentials are computed a vector at a time.
#include "support.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("spline map: exponentials and logarithms of a vector at a time are those of double, to rounding") {
  std::vector<float> x, e;
  for (float v = 0; v > -87; v -= 0.0371f) x.push_back(v);
  for (float v = 0; v <= 1; v += 0.00037f) e.push_back(v);
  e.push_back(1e-30f);
  std::vector<float> exps = x, logs(e.size());
  ops::with_isa<float>([&]<class I>(I) {
    I::exps_of_negatives(static_cast<Index>(exps.size()), exps.data());
    I::log1ps_up_to_one(static_cast<Index>(e.size()), e.data(), logs.data());
  });
  double worst = 0;
  const auto compare = [&](float got, double want) {
    if (want != 0) worst = std::max(worst, std::abs(static_cast<double>(got) / want - 1));
  };
  for (std::size_t i = 0; i < x.size(); ++i) compare(exps[i], std::exp(static_cast<double>(x[i])));
  for (std::size_t i = 0; i < e.size(); ++i) compare(logs[i], std::log1p(static_cast<double>(e[i])));
  CHECK(worst <= 4e-7);
  CHECK((exps[0] == 1 && logs[0] == 0));
}

TEST_CASE("spline map: in loops it gives what it gives one number at a time") {
  using Map = RationalQuadratic<8>;
  constexpr Index n = 50, changed = 3;
  const auto h = normal<double>({n, Map::outputs * changed}, 1), x = normal<double>({n, changed}, 2, 2),
             dy = normal<double>({n, changed}, 3);
  Tensor<double> y = x, log_scale({n, changed}), work({n, changed, ops::detail::PixelMap<Map>::work_size});
  ops::detail::PixelMap<Map>::apply<true>(n, changed, h.data(), y.data(), changed, log_scale.data(),
                                          work.data());
  Tensor<double> back = y, dx = dy, dh(h.shape());
  ops::detail::PixelMap<Map>::prepare_pull(n, changed, h.data(), log_scale.data(), work.data());
  for (Index p = 0; p < n; ++p) {
    for (Index i = 0; i < changed; ++i) {
      const Index at = p * changed + i;
      const Strided<const double> of_number{h.data() + p * Map::outputs * changed + i, changed};
      double log_of_number = 0, dh_of_number[Map::outputs];
      CHECK(std::abs(Map::forward(x[at], of_number, log_of_number) - y[at]) <= 1e-13);
      CHECK(std::abs(log_of_number - log_scale[at]) <= 1e-12);
      const double d = Map::pull(x[at], dy[at], 0.7, of_number, dh_of_number);
      if (i == 0) {
        ops::detail::PixelMap<Map>::pull(changed, h.data() + p * Map::outputs * changed, back.data() + at,
                                         dx.data() + at, 0.7, dh.data() + p * Map::outputs * changed,
                                         work.data() + at * ops::detail::PixelMap<Map>::work_size);
      }
      CHECK(std::abs(back[at] - x[at]) <= 1e-12);
      CHECK(std::abs(dx[at] - d) <= 1e-11 * (1 + std::abs(d)));
      for (Index j = 0; j < Map::outputs; ++j) {
        CHECK(std::abs(dh[p * Map::outputs * changed + j * changed + i] - dh_of_number[j]) <=
              1e-11 * (1 + std::abs(dh_of_number[j])));
      }
    }
  }
}
