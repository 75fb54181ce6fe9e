#include "layers/laws.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// A coupling in float with networks in bf16, and its twin in double, full precision.
struct Twins {
  Shape shape;
  Coupling rounded, exact;
  Parameters<Coupling, float> parameters;
  Parameters<Coupling, double> reference;

  Twins(const Shape& s, Index width, ConvNetOptions options = {})
      : shape(s),
        rounded(ConvNet(width, Precision::bf16, options)),
        exact(ConvNet(width, Precision::full, options)),
        parameters(rounded, s),
        reference(exact, s) {
    exact.initialize(reference.params(), Random{7, 7});
    shake(reference, 1 / std::sqrt(9.0 * static_cast<double>(std::max(width, Index{11}))));
    // Hidden units far from where ReLU turns, since rounding would let some turn on or off.
    auto& p = reference.params();
    for (Index i = 0; i < p.conv1.bias.size(); ++i) {
      p.conv1.bias[i] = i % 3 == 1 ? -5 : 5;
      p.conv2.bias[i] = i % 5 > 2 ? -30 : 30;
    }
    for (Index i = 0; i < p.conv3.kernel.size(); ++i) p.conv3.kernel[i] /= 30;
    for (Index i = 0; i < reference.values().size(); ++i) {
      parameters.values()[i] = static_cast<float>(reference.values()[i]);
    }
    exact.prepare(reference.params());
    rounded.prepare(parameters.params());
  }
};

Tensor<double> in_double(const Tensor<float>& x) {
  Tensor<double> y(x.shape());
  for (Index i = 0; i < x.size(); ++i) y[i] = static_cast<double>(x[i]);
  return y;
}

Tensor<float> in_float(const Tensor<double>& x) {
  Tensor<float> y(x.shape());
  for (Index i = 0; i < x.size(); ++i) y[i] = static_cast<float>(x[i]);
  return y;
}

}  // namespace

TEST_CASE("bf16: a coupling with rounded networks is near the exact one, and exactly invertible") {
  struct Case {
    Shape shape;
    Index width;
    ConvNetOptions options = {};
  };
  for (const auto& [shape, width, options] :
       {Case{{2, 4, 3, 6}, 24},
        {{1, 1, 1, 2}, 1},
        {{3, 5, 7, 5}, 33},
        {{2, 20, 40, 4}, 64},
        {{3, 5, 7, 5}, 33, {.actnorm = true, .scaled_output = true, .edges = true}}}) {
    INFO(shape << ", width " << width);
    Twins twins(shape, width, options);
    auto x = normal(shape, 1), dy = normal(shape, 2), dlogdet = normal({shape[0]}, 3);
    Tensor<double> y = x, logdet({shape[0]});
    Tensor<float> ry = in_float(x), r_logdet({shape[0]});
    twins.exact.forward(twins.reference.params(), y.view(), logdet.view());
    twins.rounded.forward(twins.parameters.params(), ry.view(), r_logdet.view());
    CHECK(difference(in_double(ry), y) <= 2e-2);
    CHECK(difference(in_double(r_logdet), logdet) <= 2e-2);
    CHECK(difference(ry, in_float(y)) > 1e-6);  // it is rounded

    Tensor<float> back = ry;
    twins.rounded.inverse(twins.parameters.params(), back.view(), r_logdet.view());
    CHECK(difference(in_double(back), x) <= 1e-5);

    Tensor<double> dx = dy;
    Tensor<float> r_dx = in_float(dy), r_dlogdet = in_float(dlogdet);
    twins.exact.backward(twins.reference.params(), twins.reference.gradients(), y.view(), dx.view(),
                         dlogdet.view());
    twins.rounded.backward(twins.parameters.params(), twins.parameters.gradients(), ry.view(), r_dx.view(),
                           r_dlogdet.view());
    CHECK(difference(in_double(ry), x) <= 1e-5);
    CHECK(difference(in_double(r_dx), dx) <= 2e-2);
    for (const auto& e : twins.reference.entries()) {
      if (!is_trainable(e.role)) continue;
      INFO(e.name);
      const Tensor<float> g{View<const float>(twins.parameters.entry(e.name).gradient)};
      CHECK(difference(in_double(g), Tensor<double>(View<const double>(e.gradient))) <= 2e-2);
    }
  }
}

TEST_CASE("bf16: is for models in float, and tf32 is not for the CPU") {
  const Architecture bf16{.levels = 1, .depth = 1, .width = 4, .precision = Precision::bf16};
  CHECK(contains(message_of([&] {
                   Model<Glow, double> m(bf16, {4, 4, 1});
                 }),
                 "precision: bf16 is not for a model in double on the CPU; use full"));
  const Architecture tf32{.levels = 1, .depth = 1, .width = 4, .precision = Precision::tf32};
  CHECK(contains(message_of([&] {
                   Model<Glow> m(tf32, {4, 4, 1});
                 }),
                 "precision: tf32 is not for a model in float on the CPU; use full or bf16"));
}
