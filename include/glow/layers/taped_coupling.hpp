// A coupling's map with a network in tape operations: any type with `forward(p, x) -> h` on variables, which
// makes h [N, ..., outputs] of x [N, ..., read]. In the backward pass it is recorded and pulled back.
#pragma once

#include <glow/ad/ops.hpp>
#include <glow/core/arena.hpp>
#include <glow/layers/pass.hpp>
#include <glow/layers/tape_variables.hpp>
#include <glow/ops/condition.hpp>
#include <glow/ops/cpu/map.hpp>

namespace glow::detail {

// What the network makes of the channels of x that stay, on `tape`. Throws ShapeError if it is not what the
// map takes.
template <class Net, class P, class T, class D>
Var<T, D> taped_output(const Net& net, P& vars, Var<T, D> x, Index outputs, Condition which) {
  const ops::CouplingChannels at(x.channels(), which);
  const Var<T, D> h = net.forward(vars, channels(x, at.first_read, at.read));
  require<ShapeError>(
      h.shape().rank() == x.shape().rank() && h.value().rows() == x.value().rows() && h.channels() == outputs,
      "Coupling: the network makes ", h.shape(), " of an input ", x.shape(), ", but ", outputs,
      " numbers for each position are needed");
  return h;
}

template <class Map, class Net, class T, class D>
void taped_coupling_forward(const Net& net, const typename Net::template Params<View<T, D>>& p, View<T, D> x,
                            View<T, D> logdet, Condition which) {
  Tape<T, D> tape(Recording::no);
  auto vars = as_variables<Net, T, D>(net, tape, p, nullptr);
  const auto h = taped_output(net, vars, tape.constant(x), Map::outputs * (x.channels() / 2), which);
  map_forward<Map>(h.value(), x, logdet, which);
}

template <class Map, class Net, class T, class D>
void taped_coupling_inverse(const Net& net, const typename Net::template Params<View<T, D>>& p, View<T, D> y,
                            View<T, D> logdet, Condition which) {
  Tape<T, D> tape(Recording::no);
  auto vars = as_variables<Net, T, D>(net, tape, p, nullptr);
  const auto h = taped_output(net, vars, tape.constant(y), Map::outputs * (y.channels() / 2), which);
  map_inverse<Map>(h.value(), y, logdet, which);
}

template <class Map, class Net, class T, class D>
void taped_coupling_backward(const Net& net, const typename Net::template Params<View<T, D>>& p,
                             typename Net::template Params<View<T, D>>& grad, View<T, D> y, View<T, D> dy,
                             View<T, D> dlogdet, Condition which) {
  Tape<T, D> tape(Recording::yes);
  auto vars = as_variables<Net, T, D>(net, tape, p, &grad);
  const auto x = tape.variable(y);
  const auto h = taped_output(net, vars, x, Map::outputs * (y.channels() / 2), which);
  const Scratch<T, D> dh(h.shape());
  map_backward<Map>(h.value(), y, dy, dlogdet, dh.view(), which);
  if (!h.grad().empty()) copy(dh.view(), h.grad());
  tape.pull_back();
  add(x.grad(), dy);  // which is zero where channels change
}

}  // namespace glow::detail
