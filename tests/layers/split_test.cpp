#include "layers/laws.hpp"

using namespace glow;
using namespace glow::test;

namespace {

const Shape shape{2, 3, 2, 6}, half{2, 3, 2, 3};

struct Prior {
  Split split;
  Parameters<Split, double> parameters{split, shape};
  explicit Prior(const Shape& context = {}) : split(context) {
    shake(parameters);
    split.prepare(parameters.params());
  }
};

constexpr auto ignore = [](auto, auto) {};

}  // namespace

TEST_CASE("laws: Split, without a context and with a vector or an image") {
  const Shape of_one = GENERATE(Shape{}, Shape{3}, Shape{6, 2, 1});
  Prior p(of_one);
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
