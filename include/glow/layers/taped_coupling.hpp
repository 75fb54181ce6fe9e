// A coupling's map with a network in tape operations: any type with `forward(p, x) -> h` on variables, which
// makes h [N, ..., outputs] of x [N, ..., read]. In the backward pass it is recorded and pulled back.
#pragma once

#include <glow/ad/ops.hpp>
#include <glow/core/arena.hpp>
#include <glow/layers/pass.hpp>
#include <glow/layers/tape_variables.hpp>
#include <glow/ops/condition.hpp>
#include <glow/ops/cpu/map.hpp>
#include <glow/ops/network_input.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

// What the network makes of `read`, on its tape, for a coupling on x. Throws ShapeError if it is not what the
// map takes.
template <class Map, class Net, class P, class T, class D>
Var<T, D> taped_output(const Net& net, P& vars, Var<T, D> read, View<T, D> x, Condition which) {
  const Index outputs = Map::outputs * ops::CouplingChannels(x.channels(), which).changed;
  const Var<T, D> h = net.forward(vars, read);
  require<ShapeError>(
      h.shape().rank() == x.shape().rank() && h.value().rows() == x.rows() && h.channels() == outputs,
      "Coupling: the network makes ", h.shape(), " of an input ", x.shape(), ", but ", outputs,
      " numbers for each position are needed");
  return h;
}

// The channels of x that stay.
template <class T, class D>
Var<T, D> read_channels(Var<T, D> x, Condition which) {
  const ops::CouplingChannels at(x.channels(), which);
  return channels(x, at.first_read, at.read);
}

// What the network of a coupling on x reads, without a gradient.
template <class T, class D>
Var<T, D> network_input(Var<T, D> x, const ops::NetworkInputOf<T, D>& input, Condition which) {
  return input.values.empty() ? read_channels(x, which) : x.tape().constant(input.values);
}

// Calls apply(h) with the network's output for x, of which nothing is recorded.
template <class Map, class Net, class T, class D, class Apply>
void with_taped_output(const Net& net, const typename Net::template Params<View<T, D>>& p, View<T, D> x,
                       const ops::NetworkInputOf<T, D>& input, Condition which, Apply apply) {
  Tape<T, D> tape(Recording::no);
  auto vars = as_variables<Net, T, D>(net, tape, p, nullptr);
  const auto read = network_input(tape.constant(x), input, which);
  apply(taped_output<Map>(net, vars, read, x, which).value());
}

template <class Map, class Net, class T, class D>
void taped_coupling_backward(const Net& net, const typename Net::template Params<View<T, D>>& p,
                             typename Net::template Params<View<T, D>>& grad, View<T, D> y, View<T, D> dy,
                             View<T, D> dlogdet, const ops::NetworkInputOf<T, D>& input, Condition which) {
  Tape<T, D> tape(Recording::yes);
  auto vars = as_variables<Net, T, D>(net, tape, p, &grad);
  const bool joined = !input.values.empty();
  const auto x = joined ? tape.leaf(input.values, input.gradient) : tape.variable(y);
  const auto h = taped_output<Map>(net, vars, joined ? x : read_channels(x, which), y, which);
  const Scratch<T, D> dh(h.shape());
  map_backward<Map>(h.value(), y, dy, dlogdet, dh.view(), which);
  if (!h.grad().empty()) copy(dh.view(), h.grad());
  tape.pull_back();
  if (!joined) add(x.grad(), dy);  // which is zero where channels change
}

}  // namespace glow::detail
