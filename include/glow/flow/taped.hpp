// A layer written in tape operations, run as one in place on views. Its backward inverts, records forward
// again on a short tape, pulls the gradient through and drops the tape: so it keeps no activations either.
#pragma once

#include <glow/ad/tape.hpp>
#include <glow/core/arena.hpp>
#include <glow/layers/tape_variables.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

// A log-determinant to add to: the caller's numbers, or zeros where the caller wants none.
template <class T, class D>
Var<T, D> logdet_variable(Tape<T, D>& tape, View<T, D> logdet, View<T, D> zeros) {
  return tape.constant(logdet.empty() ? zeros : logdet);
}

template <class L, class T, class D>
void taped_forward(const L& layer, const typename L::template Params<View<T, D>>& p, View<T, D>& x,
                   View<T, D> logdet) {
  Scratch<T, D> zeros(Shape{x.batch()});
  clear(zeros.view());
  Tape<T, D> tape(Recording::no);
  auto vars = as_variables<L, T, D>(layer, tape, p, nullptr);
  auto total = logdet_variable<T, D>(tape, logdet, zeros);
  const auto y = layer.forward(vars, tape.constant(x), total);
  x = View<T, D>(x.data(), y.shape());
  copy(y.value(), x);
  if (!logdet.empty()) copy(total.value(), logdet);
}

template <class L, class T, class D>
void taped_inverse(const L& layer, const typename L::template Params<View<T, D>>& p, View<T, D>& y,
                   View<T, D> logdet) {
  Scratch<T, D> zeros(Shape{y.batch()});
  clear(zeros.view());
  Tape<T, D> tape(Recording::no);
  auto vars = as_variables<L, T, D>(layer, tape, p, nullptr);
  auto total = logdet_variable<T, D>(tape, logdet, zeros);
  const auto x = layer.inverse(vars, tape.constant(y), total);
  y = View<T, D>(y.data(), x.shape());
  copy(x.value(), y);
  if (!logdet.empty()) copy(total.value(), logdet);
}

template <class L, class T, class D>
void taped_backward(const L& layer, const typename L::template Params<View<T, D>>& p,
                    typename L::template Params<View<T, D>>& grad, View<T, D>& y, View<T, D>& dy,
                    View<T, D> dlogdet) {
  taped_inverse<L, T, D>(layer, p, y, View<T, D>());
  Scratch<T, D> zeros(Shape{y.batch()});
  clear(zeros.view());
  Tape<T, D> tape(Recording::yes);
  auto vars = as_variables<L, T, D>(layer, tape, p, &grad);
  const auto x = tape.variable(y);
  auto total = tape.constant(zeros);
  const auto out = layer.forward(vars, x, total);
  copy(dy, out.grad());
  if (!dlogdet.empty() && !total.grad().empty()) copy(dlogdet, total.grad());
  tape.pull_back();
  dy = View<T, D>(dy.data(), x.shape());
  copy(x.grad(), dy);
}

}  // namespace glow::detail
