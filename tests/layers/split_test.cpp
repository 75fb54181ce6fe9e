#include "layers/laws.hpp"

using namespace glow;
using namespace glow::test;

namespace {

const Shape shape{2, 3, 2, 6}, half{2, 3, 2, 3};

struct Prior {
  Split split;
  Parameters<Split, double> parameters{split, shape};
  explicit Prior(const Shape& context = {}, bool edges = false) : split(context, edges) {
    shake(parameters);
    split.prepare(parameters.params());
  }
};

constexpr auto ignore = [](auto, auto) {};

}  // namespace

TEST_CASE("laws: Split, without a context and with a vector or an image, with and without edges") {
  const Shape of_one = GENERATE(Shape{}, Shape{3}, Shape{6, 2, 1});
  Prior p(of_one, GENERATE(false, true));
  auto context = normal(of_one.rank() == 3 ? Shape{2, 6, 2, 1} : Shape{2, 3}, 8);
  Tensor<double> d_context(context.shape());
  Pass<double> pass;
  if (of_one.rank() != 0) {
    pass.context = context;
    pass.d_context = d_context.view();
  }
  auto x = normal(shape, 1);
  Tensor<double> z(half), rest(half), logpz(Shape{2});
  p.split.forward(p.parameters.params(), x.view(), z.view(), rest.view(), pass, logpz.view(), ignore);
  CHECK(z[0] == x[0]);
  CHECK(rest[0] == x[3]);
  Tensor<double> back(shape);
  p.split.inverse(z.view(), rest.view(), back.view());
  CHECK(same_bits<double>(back.view(), x.view()));
  Tensor<double> prior(Shape{2, 3, 2, 6});
  p.split.prior(p.parameters.params(), x.view(), pass, prior.view());

  SECTION("its log density is that of its prior") {
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
    Tensor<double> eps(half), sampled(shape);
    for (Index r = 0; r < 12; ++r) {
      for (Index c = 0; c < 3; ++c) {
        eps[r * 3 + c] = (z[r * 3 + c] - prior[r * 6 + c]) / std::exp(prior[r * 6 + 3 + c]) / 0.5;
      }
    }
    p.split.sample(p.parameters.params(), eps.view(), rest.view(), sampled.view(), pass, 0.5);
    CHECK(difference(sampled, x) <= 1e-12);
  }
  SECTION("its gradients agree with central differences") {
    auto dlogpz = normal(Shape{2}, 2), dz = normal(half, 3), drest = normal(half, 4);
    const auto objective = [&](Tensor<double>& input) {
      Tensor<double> z_of(half), rest_of(half), l(Shape{2});
      p.split.prepare(p.parameters.params());
      p.split.forward(p.parameters.params(), input.view(), z_of.view(), rest_of.view(), pass, l.view(),
                      ignore);
      double sum = l[0] * dlogpz[0] + l[1] * dlogpz[1];
      for (Index i = 0; i < dz.size(); ++i) sum += z_of[i] * dz[i] + rest_of[i] * drest[i];
      return sum;
    };
    Tensor<double> recomputed(shape), dx(shape), used_dz = dz, moved = x;
    p.split.backward(p.parameters.params(), p.parameters.gradients(), z.view(), rest.view(), used_dz.view(),
                     drest.view(), recomputed.view(), dx.view(), pass, dlogpz.view());
    CHECK(same_bits<double>(recomputed.view(), x.view()));
    const auto check = [&](double& number, double gradient) {
      const double numeric = central_difference(number, [&] { return objective(moved); });
      CHECK(std::abs(numeric - gradient) <= 1e-6 * std::max(1.0, std::abs(gradient)));
    };
    for (Index i = 0; i < x.size(); ++i) check(moved[i], dx[i]);
    for (Index i = 0; i < pass.context.size(); ++i) check(context[i], d_context[i]);
    for (Index i = 0; i < p.parameters.values().size(); i += 3)
      check(p.parameters.values()[i], p.parameters.gradient()[i]);
  }
}

TEST_CASE("Split: a squeezed rest is what Squeeze makes of it, bit by bit, and comes back") {
  const Shape image{2, 4, 6, 5}, of_z{2, 4, 6, 2}, of_rest{2, 4, 6, 3}, of_squeezed{2, 2, 3, 12};
  const Split split;
  Parameters<Split, double> parameters(split, image);
  shake(parameters);
  split.prepare(parameters.params());
  const auto params = parameters.params();
  auto x = normal(image, 1), dlogpz = normal(Shape{2}, 2), dz = normal(of_z, 3), drest = normal(of_rest, 4);
  const auto squeezed = [&](const Tensor<double>& images) {
    Tensor<double> y(of_squeezed);
    ops::squeeze_forward(images.view(), y.view());
    return y;
  };
  // All that comes out, for a rest in rows or squeezed.
  const auto run = [&](const Shape& shape_of_rest, Tensor<double>& its_gradient) {
    Tensor<double> z(of_z), rest(shape_of_rest), logpz(Shape{2}), back(image), dx(image), used_dz = dz;
    Tensor<double> sampled(image);
    split.forward(params, x.view(), z.view(), rest.view(), Pass<double>(), logpz.view(), ignore);
    clear(View<double>(parameters.gradient()));
    split.backward(params, parameters.gradients(), z.view(), rest.view(), used_dz.view(), its_gradient.view(),
                   back.view(), dx.view(), Pass<double>(), dlogpz.view());
    split.sample(params, z.view(), rest.view(), sampled.view(), Pass<double>(), 0.7);
    return std::vector{
        rest, z, logpz, back, dx, sampled, Tensor<double>(View<const double>(parameters.gradient()))};
  };
  auto squeezed_drest = squeezed(drest);
  const auto in_rows = run(of_rest, drest), in_squares = run(of_squeezed, squeezed_drest);
  const auto squeezed_rest = squeezed(in_rows[0]);
  CHECK(same_bits<double>(in_squares[0].view(), squeezed_rest.view()));
  for (std::size_t i = 1; i < in_rows.size(); ++i)
    CHECK(same_bits<double>(in_squares[i].view(), in_rows[i].view()));
  CHECK(same_bits<double>(in_squares[3].view(), x.view()));
}

TEST_CASE("priors with edges: the convolution reads a channel of ones within the image") {
  const Shape x_shape{1, 3, 4, 2}, z_shape{2, 3, 2, 3};
  SECTION("Split") {
    const Split split({}, true);
    Parameters<Split, double> parameters(split, x_shape);
    shake(parameters);
    split.prepare(parameters.params());
    const auto& conv = parameters.params().prior;
    REQUIRE(conv.kernel.shape() == Shape{3, 3, 2, 2});
    auto x = normal(x_shape, 1);
    Tensor<double> prior(x_shape);
    split.prior(parameters.params(), x.view(), Pass<double>(), prior.view());
    for (Index i = 0; i < 3; ++i) {
      for (Index j = 0; j < 4; ++j) {
        for (Index o = 0; o < 2; ++o) {
          double sum = conv.bias[o];
          for (Index tap = 0; tap < 9; ++tap) {
            const Index row = i + tap / 3 - 1, column = j + tap % 3 - 1;
            if (row < 0 || row >= 3 || column < 0 || column >= 4) continue;
            sum += conv.kernel[(tap * 2 + 0) * 2 + o] * x[(row * 4 + column) * 2 + 1] +
                   conv.kernel[(tap * 2 + 1) * 2 + o];
          }
          CHECK(std::abs(prior[(i * 4 + j) * 2 + o] - sum) < 1e-12);
        }
      }
    }
  }
  SECTION("TopPrior, which depends on the place of a pixel") {
    const TopPrior top({}, true);
    Parameters<TopPrior, double> parameters(top, z_shape);
    shake(parameters);
    top.prepare(parameters.params());
    const auto& conv = parameters.params().prior;
    REQUIRE(conv.kernel.shape() == Shape{3, 3, 1, 6});
    auto z = normal(z_shape, 2), dlogpz = normal(Shape{2}, 3);
    Tensor<double> logpz(Shape{2});
    const auto log_density = [&](auto observer) {
      top.prepare(parameters.params());
      clear(logpz.view());
      top.log_density(parameters.params(), z.view(), Pass<double>(), logpz.view(), observer);
      return logpz[0] * dlogpz[0] + logpz[1] * dlogpz[1];
    };
    log_density([&](auto, View<double> prior) {
      for (Index p = 0; p < 12; ++p) {
        for (Index o = 0; o < 6; ++o) {
          double sum = conv.bias[o];
          for (Index tap = 0; tap < 9; ++tap) {
            const Index row = p / 2 % 3 + tap / 3 - 1, column = p % 2 + tap % 3 - 1;
            if (row >= 0 && row < 3 && column >= 0 && column < 2) sum += conv.kernel[tap * 6 + o];
          }
          CHECK(std::abs(prior[p * 6 + o] - sum) < 1e-12);
        }
      }
    });
    Tensor<double> dz(z_shape);
    clear(dz.view());
    top.backward(parameters.params(), parameters.gradients(), z.view(), dz.view(), Pass<double>(),
                 dlogpz.view());
    for (Index i = 0; i < parameters.values().size(); ++i) {
      const double numeric = central_difference(parameters.values()[i], [&] { return log_density(ignore); });
      const double gradient = parameters.gradient()[i];
      CHECK(std::abs(numeric - gradient) <= 1e-6 * std::max(1.0, std::abs(gradient)));
    }
    SECTION("and what is drawn with the eps of z is z") {
      Tensor<double> eps = z, drawn(z_shape);
      log_density([&](auto, View<double> prior) {
        for (Index i = 0; i < eps.size(); ++i) {
          const Index p = i / 3, c = i % 3;
          eps[i] = (z[i] - prior[p * 6 + c]) / std::exp(prior[p * 6 + 3 + c]);
        }
      });
      copy(eps.view(), drawn.view());
      top.sample(parameters.params(), drawn.view(), Pass<double>(), 1.0);
      CHECK(difference(drawn, z) <= 1e-12);
    }
  }
}
