// The laws that every layer must pass (docs/layers.md), as one call.
#pragma once

#include <Eigen/Dense>

#include "subject.hpp"

namespace glow::test {

/// A layer with shaken parameters, and a context unless its shape has rank 0.
template <class T>
struct Shaken {
  Subject<T>& layer;
  Tensor<T> context;

  explicit Shaken(Subject<T>& subject, const Shape& context_shape = {})
      : layer(subject), context(context_shape.rank() == 0 ? Tensor<T>() : normal<T>(context_shape, 9)) {
    start_shaken(layer);
  }

  Pass<T> pass(View<T> logdet, View<T> d_context = {}) {
    Pass<T> p(logdet);
    p.context = context;
    p.d_context = d_context;
    return p;
  }
  Tensor<T> forward(const Tensor<T>& x, View<T> logdet = {}) {
    Tensor<T> y = x;
    layer.forward(y.view(), pass(logdet));
    return y;
  }
  Tensor<T> inverse(const Tensor<T>& y, View<T> logdet = {}) {
    Tensor<T> x = y;
    layer.inverse(x.view(), pass(logdet));
    return x;
  }
};

/// Law 1: forward and inverse undo one another, log-determinants included.
template <class T>
void check_inverse(Shaken<T>& s, const Shape& shape, double bound) {
  const auto x = normal<T>(shape, 1);
  Tensor<T> logdet(Shape{shape[0]});
  const auto y = s.forward(x, logdet.view());
  CHECK(difference(s.inverse(y, logdet.view()), x) <= bound);
  CHECK(difference(logdet, Tensor<T>(logdet.shape())) <= bound * static_cast<double>(x.size()));
  const auto y2 = normal<T>(y.shape(), 2);
  CHECK(difference(s.forward(s.inverse(y2)), y2) <= bound);
}

/// Law 2: logdet is log|det| of the dense Jacobian, here by central differences, sample by sample.
inline void check_logdet(Shaken<double>& s, const Shape& shape) {
  const auto x = normal<double>(shape, 3);
  Tensor<double> logdet(Shape{shape[0]});
  s.forward(x, logdet.view());
  const Index d = shape.size() / shape[0];
  for (Index n = 0; n < shape[0]; ++n) {
    Eigen::MatrixXd jacobian(d, d);
    for (Index j = 0; j < d; ++j) {
      constexpr double h = 1e-5;
      Tensor<double> up = x, down = x;
      up[n * d + j] += h;
      down[n * d + j] -= h;
      const auto y_up = s.forward(up), y_down = s.forward(down);
      for (Index i = 0; i < d; ++i) jacobian(i, j) = (y_up[n * d + i] - y_down[n * d + i]) / (2 * h);
    }
    const double dense = jacobian.partialPivLu().matrixLU().diagonal().array().abs().log().sum();
    CHECK(std::abs(dense - logdet[n]) <= 1e-8 * std::max(1.0, std::abs(dense)));
  }
}

/// The pull-back of random dy and dlogdet through a layer at a random x.
struct PullBack {
  Tensor<double> x, logdet, y, dy, dlogdet;
  Tensor<double> recomputed, dx, d_context, gradient;  // what backward makes

  PullBack(Shaken<double>& subject, const Shape& shape)
      : x(normal(shape, 4)),
        logdet(Shape{shape[0]}),
        y(subject.forward(x, logdet.view())),
        dy(normal(y.shape(), 5)),
        dlogdet(normal(logdet.shape(), 6)),
        recomputed(y),
        dx(dy),
        d_context(subject.context.view().empty() ? Tensor<double>()
                                                 : Tensor<double>(subject.context.shape())) {
    subject.layer.backward(recomputed.view(), dx.view(), subject.pass(dlogdet.view(), d_context.view()));
    gradient = Tensor<double>(View<const double>(subject.layer.parameters().gradient()));
    clear(subject.layer.parameters().gradient());
  }
};

/// Laws 3 and 4: backward gives back the input, and gradients of sum(dy y) + sum(dlogdet logdet) that agree
/// with central differences.
inline void check_backward(Shaken<double>& s, const Shape& shape) {
  PullBack pull(s, shape);
  const auto &x = pull.x, &dy = pull.dy, &dlogdet = pull.dlogdet, &dx = pull.dx, &gradient = pull.gradient;
  CHECK(difference(pull.recomputed, x) <= 1e-12);
  const auto objective = [&](const Tensor<double>& input) {
    Tensor<double> l(dlogdet.shape());
    const auto out = s.forward(input, l.view());
    double sum = 0;
    for (Index i = 0; i < out.size(); ++i) sum += out[i] * dy[i];
    for (Index i = 0; i < l.size(); ++i) sum += l[i] * dlogdet[i];
    return sum;
  };

  double largest = 1;
  for (const double g : gradient) largest = std::max(largest, std::abs(g));
  const View<double> values = s.layer.parameters().values();
  for (Index i = 0; i < values.size(); i += 1 + values.size() / 400) {
    const double numeric = central_difference(values[i], [&] {
      s.layer.prepare();
      return objective(x);
    });
    INFO("parameter " << i << ": " << numeric << " and " << gradient[i]);
    CHECK(std::abs(numeric - gradient[i]) <= 1e-6 * largest);
  }
  s.layer.prepare();
  Tensor<double> moved = x;
  for (Index i = 0; i < x.size(); i += 1 + x.size() / 100) {
    const double numeric = central_difference(moved[i], [&] { return objective(moved); });
    CHECK(std::abs(numeric - dx[i]) <= 1e-6 * std::max(1.0, std::abs(numeric)));
  }
  for (Index i = 0; i < s.context.view().size(); ++i) {
    const double numeric = central_difference(s.context[i], [&] { return objective(x); });
    INFO("context " << i << ": " << numeric << " and " << pull.d_context[i]);
    CHECK(std::abs(numeric - pull.d_context[i]) <= 1e-6 * std::max(1.0, std::abs(numeric)));
  }
}

/// Laws 3 and 4 once more: the same layer written in tape operations, W, has the same values and gradients,
/// from the input that it recomputes and from the true one.
template <class L, class W>
void check_witness(const L& layer, const Shape& shape, const W& witness) {
  SubjectOf<L, double> s(layer, layer, shape);
  Shaken<double> shaken(s);
  PullBack pull(shaken, shape);
  auto &y = pull.y, &dy = pull.dy, &logdet = pull.logdet, &dlogdet = pull.dlogdet, &dx = pull.dx;
  const auto& gradient = pull.gradient;
  Tensor<double> taped_x = y, taped_dx = dy;
  detail::taped_backward<W, double, Cpu>(witness, s.own.params(), s.own.gradients(), taped_x.view(),
                                         taped_dx.view(), dlogdet.view());
  CHECK(difference(taped_dx, dx) <= 1e-10);
  CHECK(difference<double>(s.own.gradient(), gradient.view()) <= 1e-10);

  clear(s.own.gradient());
  Tape<double> tape;
  Tensor<double> zeros(logdet.shape());
  auto vars = detail::as_variables<W, double, Cpu>(witness, tape, s.own.params(), &s.own.gradients());
  auto total = tape.constant(zeros.view());
  const auto in = tape.variable(pull.x.view());
  const auto out = witness.forward(vars, in, total);
  CHECK(difference<double>(out.value(), y.view()) <= 1e-12);
  CHECK(difference<double>(total.value(), logdet.view()) <= 1e-12);
  copy(View<const double>(dy), out.grad());
  if (!total.grad().empty()) copy(View<const double>(dlogdet), total.grad());
  tape.pull_back();
  CHECK(difference<double>(in.grad(), dx.view()) <= 1e-10);
  CHECK(difference<double>(s.own.gradient(), gradient.view()) <= 1e-10);
}

/// All laws of one layer in float and double.
inline void check_laws(Subject<float>& in_float, Subject<double>& in_double, const Shape& x,
                       const Shape& context) {
  Shaken<float> f(in_float, context);
  check_inverse(f, x, 1e-5);
  Shaken<double> s(in_double, context);
  check_inverse(s, x, 1e-12);
  check_logdet(s, x);
  check_backward(s, x);
}

/// All laws for inputs of shape x [N, H, W, C], and a context of shape [N, ...] for a layer that takes one.
template <class L>
void check_laws(const L& layer, const Shape& x, const Shape& context = {}) {
  SubjectOf<L, float> in_float(layer, layer, x);
  SubjectOf<L, double> in_double(layer, layer, x);
  check_laws(in_float, in_double, x, context);
}

}  // namespace glow::test
