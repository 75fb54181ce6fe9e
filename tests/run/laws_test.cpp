// The laws of `glow check` on models that break them.
#include "run/differences.hpp"
#include "run/double_laws.hpp"
#include "run/float_laws.hpp"
#include "run/stub_model.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

// A model whose images come back moved, whose samples are not finite where their first latent lies above a
// limit, and whose densities by drawing are off.
struct Unlawful : StubModel {
  float moved = 0, limit = 100;
  double off = 0, largest = 0.5;

  Encoding<float> encode(View<const float> x, const Context<float>&) const override {
    if (moved > 1) throw NumericError("not finite");
    return {Tensor<float>(x), {}, {}};
  }
  Tensor<float> decode(View<const float> z, const Context<float>&) const override {
    Tensor<float> x(z);
    x[x.size() - 1] += moved;
    return x;
  }
  std::vector<InverseError> inverse_errors(View<const float> x, const Context<float>&) override {
    CHECK(x.batch() == 8);
    return {{"level1/step1/coupling", moved / 2}, {"level1/step1/actnorm", moved}, {"level1", moved}};
  }
  std::vector<std::uint8_t> sample_pixels(View<const float> eps, float,
                                          const Context<float>&) const override {
    for (Index n = 0; n < eps.batch(); ++n)
      if (eps[4 * n] > limit) throw NumericError("not finite");
    return {};
  }
  std::string first_not_finite(View<const float> eps, float, const Context<float>&) override {
    CHECK(eps.batch() == 1);
    CHECK(eps[0] > limit);
    return "level1/step1/coupling";
  }
  SampleDensities densities(View<const float> eps, float, const Context<float>&) const override {
    const auto n = static_cast<std::size_t>(eps.batch());
    SampleDensities d{std::vector(n, 10.0), std::vector(n, 10.0), std::vector(n, 0.5)};
    d.drawn[n - 1] += off;
    d.largest[n - 1] = largest;
    return d;
  }
};

Law round_trip_of(float moved) {
  Unlawful model;
  model.moved = moved;
  const Tensor<float> x(model.batch_shape(12));
  return check_round_trip(model, x.view(), {}, 1e-3);
}

Law densities_of(double off, double largest) {
  Unlawful model;
  model.off = off;
  model.largest = largest;
  return check_sample_densities(model, {5, 2, 1, 0}, 1e-4);
}

}  // namespace

TEST_CASE("laws: images that do not come back break the round trip, and the worst layer is named") {
  CHECK(round_trip_of(1e-4F).holds());
  const Law law = round_trip_of(0.25F);
  CHECK(!law.holds());
  CHECK(law.measured == 0.25);
  CHECK(law.where == "level1/step1/actnorm");  // not what it lies in
  CHECK(contains(law.detail, "12 of them; worst layer level1/step1/actnorm, by 0.25"));
  CHECK(round_trip_of(2).measured == std::numeric_limits<double>::infinity());
}

TEST_CASE("laws: every sample that is not finite is counted, in any batch") {
  Unlawful model;
  CHECK(check_finite_samples(model, {1000, 64, 1, 3}).holds());
  model.limit = 2;
  const Law law = check_finite_samples(model, {1000, 64, 1, 3});
  CHECK(!law.holds());
  CHECK((law.measured > 0.01 && law.measured < 0.04));  // 0.023 are due above 2
  CHECK(law.where == "level1/step1/coupling");
  CHECK(law.measured == check_finite_samples(model, {1000, 7, 1, 3}).measured);
}

TEST_CASE("laws: densities that differ break their law, but for samples far from images") {
  CHECK(densities_of(1e-4, 0.5).holds());
  const Law law = densities_of(0.1, 0.5);
  CHECK(!law.holds());
  CHECK(std::abs(*law.measured - 0.1 / 10.1) < 1e-9);
  const Law far = densities_of(0.1, 1e6);
  CHECK(far.holds());
  CHECK(contains(far.detail, "2 of 5 samples"));
  CHECK(!densities_of(std::numeric_limits<double>::quiet_NaN(), 0.5).holds());
}

TEST_CASE("laws: the worst figure is kept, and what is not finite is the worst") {
  Law law{"law", std::nullopt, 1, ""};
  CHECK(law.holds());  // it does not apply
  law.take(0.5, "a");
  law.take(0.25, "b");
  CHECK(law.where == "a");
  law.take(std::numeric_limits<double>::quiet_NaN(), "c");
  law.take(0.75, "d");
  CHECK(law.where == "c");
  CHECK(!law.holds());
}

TEST_CASE("laws: derivatives by differences, and beside kinks") {
  const auto of = [](auto f) {
    return derivative([&](double t) { return std::vector<double>{f(t), 1 - f(t)}; }, 1e-6);
  };
  const std::vector<double> smooth = of([](double t) { return std::exp(3 * t); });
  CHECK(std::abs(smooth[0] - 3) < 1e-9);
  CHECK(std::abs(smooth[1] + 3) < 1e-9);
  for (const double kink : {-4e-6, 3e-6, -2e-7, 6e-6, 2e-8, -1e-8}) {
    // The slope at 0 is 1, and another one beyond the kink.
    const auto bent =
        of([&](double t) { return t + std::max(0.0, kink > 0 ? t - kink : kink - t) + 5 * t * t; });
    INFO(kink);
    CHECK(std::abs(bent[0] - 1) < 1e-7);
  }
}

TEST_CASE("laws: crops are as large as a dense Jacobian allows") {
  CHECK(crop_of({8, 8, 1}, 2) == Shape{8, 8, 1});
  CHECK(crop_of({64, 64, 1}, 1) == Shape{4, 4, 1});
  CHECK(crop_of({8, 8, 1}, 3) == Shape{8, 8, 1});
  CHECK(crop_of({64, 32, 3}, 2) == Shape{8, 8, 3});
  CHECK(crop_of({64, 64, 3}, 3) == Shape{8, 8, 3});
  CHECK(crop_of({64, 4, 1}, 2) == Shape{8, 4, 1});
}
