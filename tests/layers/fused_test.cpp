#include "layers/laws.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("fused: ActNorm and Conv1x1 in one pass are the two layers one after the other") {
  using Pair = Flow<ActNorm, Conv1x1>;
  const Pair pair;
  for (const Shape& shape : {Shape{2, 3, 5, 4}, Shape{1, 1, 1, 1}, Shape{3, 4, 2, 50}}) {
    Parameters<Pair, double> parameters(pair, shape);
    initialize_layer<Pair, double, Cpu>(pair, parameters.params(), Random{1, 2});
    shake(parameters, 0.2);
    prepare_layer<Pair, double, Cpu>(pair, parameters.params());
    const auto& [actnorm, conv1x1] = parameters.params().layers;
    auto& [d_actnorm, d_conv1x1] = parameters.gradients().layers;
    auto x = normal(shape, 1), dy = normal(shape, 2), dlogdet = normal({shape[0]}, 3);

    Tensor<double> y = x, want = x, logdet({shape[0]}), want_logdet({shape[0]});
    View<double> at = y.view();
    pair.forward(parameters.params(), at, logdet.view());
    ActNorm().forward(actnorm, want.view(), want_logdet.view());
    Conv1x1().forward(conv1x1, want.view(), want_logdet.view());
    CHECK(difference(y, want) <= 1e-12);
    CHECK(difference(logdet, want_logdet) <= 1e-12);

    Tensor<double> back = y, dx = dy, want_dx = dy;
    View<double> d_at = dx.view();
    pair.backward(parameters.params(), parameters.gradients(), at, d_at, dlogdet.view());
    const Tensor<double> gradient{View<const double>(parameters.gradient())};
    clear(parameters.gradient());
    Conv1x1().backward(conv1x1, d_conv1x1, want.view(), want_dx.view(), dlogdet.view());
    ActNorm().backward(actnorm, d_actnorm, want.view(), want_dx.view(), dlogdet.view());
    CHECK(difference(y, x) <= 1e-12);
    CHECK(difference(dx, want_dx) <= 1e-12);
    CHECK(difference<double>(gradient.view(), parameters.gradient()) <= 1e-12);

    at = back.view();
    pair.inverse(parameters.params(), at, logdet.view());
    CHECK(difference(back, x) <= 1e-12);
    CHECK(difference(logdet, Tensor<double>({shape[0]})) <= 1e-12);
  }
}
