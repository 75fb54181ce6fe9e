#include "layers/laws.hpp"

using namespace glow;
using namespace glow::test;

namespace {

const Shape shape{2, 3, 2, 6};

struct Prior {
  Split split;
  Parameters<Split, double> parameters{split, shape};
  Prior() {
    shake(parameters);
    split.prepare(parameters.params());
  }
};

constexpr auto ignore = [](auto, auto) {};

}  // namespace

TEST_CASE("laws: Split") {
  Prior p;
  const auto x = normal(shape, 1);
  Tensor<double> y = x, logpz(Shape{2});
  p.split.forward(p.parameters.params(), y.view(), logpz.view(), ignore);
  CHECK(p.split.latent(y.view()).shape() == Shape{2, 3, 2, 3});
  CHECK(y[0] == x[0]);
  CHECK(p.split.rest(y.view())[0] == x[3]);
  Tensor<double> back = y;
  p.split.inverse(back.view());
  CHECK(same_bits<double>(back.view(), x.view()));

  SECTION("its log density is that of its prior") {
    Tensor<double> prior(Shape{2, 3, 2, 6});
    p.split.prior(p.parameters.params(), p.split.rest(y.view()), prior.view());
    const auto z = p.split.latent(y.view());
    for (Index n = 0; n < 2; ++n) {
      double sum = 0;
      for (Index i = 0; i < 18; ++i) {
        const Index row = n * 6 + i / 3;
        const double mu = prior[row * 6 + i % 3], sigma = std::exp(prior[row * 6 + 3 + i % 3]);
        const double e = (z[n * 18 + i] - mu) / sigma;
        sum += std::log(std::exp(-e * e / 2) / (sigma * std::sqrt(2 * std::numbers::pi)));
      }
      CHECK(std::abs(sum - logpz[n]) < 1e-10);
    }
  }
  SECTION("sampling with the eps that z has gives z") {
    Tensor<double> prior(Shape{2, 3, 2, 6}), sampled = y;
    p.split.prior(p.parameters.params(), p.split.rest(y.view()), prior.view());
    const auto z = p.split.latent(sampled.view());
    for (Index r = 0; r < 12; ++r) {
      for (Index c = 0; c < 3; ++c) {
        z[r * 3 + c] = (z[r * 3 + c] - prior[r * 6 + c]) / std::exp(prior[r * 6 + 3 + c]) / 0.5;
      }
    }
    p.split.sample(p.parameters.params(), sampled.view(), 0.5);
    CHECK(difference(sampled, y) <= 1e-12);
  }
  SECTION("its gradients agree with central differences") {
    const auto dlogpz = normal(Shape{2}, 2), dy = normal(shape, 3);
    const auto objective = [&](const Tensor<double>& input) {
      Tensor<double> out = input, l(Shape{2});
      p.split.prepare(p.parameters.params());
      p.split.forward(p.parameters.params(), out.view(), l.view(), ignore);
      double sum = l[0] * dlogpz[0] + l[1] * dlogpz[1];
      for (Index i = 0; i < out.size(); ++i) sum += out[i] * dy[i];
      return sum;
    };
    Tensor<double> recomputed = y, dx = dy, moved = x;
    p.split.backward(p.parameters.params(), p.parameters.gradients(), recomputed.view(), dx.view(),
                     dlogpz.view());
    CHECK(same_bits<double>(recomputed.view(), x.view()));
    const auto check = [&](double& number, double gradient) {
      constexpr double h = 1e-5;
      const double old = number;
      number = old + h;
      const double up = objective(moved);
      number = old - h;
      const double down = objective(moved);
      number = old;
      CHECK(std::abs((up - down) / (2 * h) - gradient) <= 1e-6 * std::max(1.0, std::abs(gradient)));
    };
    for (Index i = 0; i < x.size(); ++i) check(moved[i], dx[i]);
    for (Index i = 0; i < p.parameters.values().size(); i += 3)
      check(p.parameters.values()[i], p.parameters.gradient()[i]);
  }
}
