// The one way to call a layer, whatever it is written in: containers and models use these functions, never a
// layer's members, so that optional parts (a start, derived numbers, a change of shape) need no base class.
#pragma once

#include <vector>

#include <glow/core/counted.hpp>
#include <glow/core/random.hpp>
#include <glow/flow/check_layer.hpp>
#include <glow/flow/taped.hpp>
#include <glow/layers/pass.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Parameters of layer L held as views of T on device D.
template <class L, class T, class D = Cpu>
using LayerParams = typename L::template Params<View<T, D>>;

/// The layer's `name`, which prefixes its parameters' names; "" where it has none.
template <class L>
constexpr std::string_view layer_name() {
  if constexpr (requires { L::name; }) {
    return L::name;
  } else {
    return "";
  }
}

/// Shapes of the layer's parameters on device D for an input of shape x [N, H, W, C]; devices differ in those
/// of derived leaves at most. Throws ShapeError if the layer cannot take x.
template <class D = Cpu, class L>
typename L::template Params<Shape> declare_layer(const L& layer, const Shape& x) {
  if constexpr (requires { layer.template declare<D>(x); }) {
    return layer.template declare<D>(x);
  } else if constexpr (requires { layer.declare(x); }) {
    return layer.declare(x);
  } else {
    return {};
  }
}

/// Shape of the layer's output for an input of shape x; x itself unless the layer says otherwise.
template <class L>
Shape output_shape(const L& layer, const Shape& x) {
  if constexpr (requires { layer.output(x); }) {
    return layer.output(x);
  } else {
    return x;
  }
}

/// True for a layer whose members touch no element themselves but call ops and other layers, as it says by
/// `static constexpr bool only_calls_ops = true`: so they can be called where memory is only counted.
template <class L>
inline constexpr bool only_calls_ops = [] {
  if constexpr (requires { L::only_calls_ops; }) {
    return L::only_calls_ops;
  } else {
    return false;
  }
}();

/// False where memory is counted and the layer's members on views must not be called.
template <class L, class D>
inline constexpr bool is_callable_on = !is_counted<D> || only_calls_ops<L>;

namespace detail {

// In place of a verb that must not be called where memory is counted: what most layers take, the batch once
// more.
template <class L, class T, class D>
void count_unknown_layer(const L&, View<T, D> x) {
  static_assert(
      !requires(const L& layer) { layer.output(x.shape()); },
      "glow: the memory of a layer on views that changes the shape is known only if its members "
      "call nothing but ops and it says `only_calls_ops`, see docs/layers.md");
  const Scratch<T, D> once_more(x.shape());
}

}  // namespace detail

/// x -> y in place; pass.logdet[n] += log|det dy/dx| unless it is empty. For training a layer pushes one
/// record on pass.kept, if it keeps any.
template <class L, class T, class D>
void layer_forward(const L& layer, const LayerParams<L, T, D>& p, View<T, D>& x, PassOf<T, D> pass) {
  if constexpr (is_tape_layer<L>) {
    detail::taped_forward<L, T, D>(layer, p, x, pass.logdet);
  } else if constexpr (!is_callable_on<L, D>) {
    detail::count_unknown_layer(layer, x);
  } else if constexpr (requires { layer.forward(p, x, pass); }) {
    layer.forward(p, x, pass);
  } else {
    layer.forward(p, x, pass.logdet);
  }
}

/// y -> x in place; pass.logdet[n] -= log|det dy/dx| unless it is empty.
template <class L, class T, class D>
void layer_inverse(const L& layer, const LayerParams<L, T, D>& p, View<T, D>& y, PassOf<T, D> pass) {
  if constexpr (is_tape_layer<L>) {
    detail::taped_inverse<L, T, D>(layer, p, y, pass.logdet);
  } else if constexpr (!is_callable_on<L, D>) {
    detail::count_unknown_layer(layer, y);
  } else if constexpr (requires { layer.inverse(p, y, pass); }) {
    layer.inverse(p, y, pass);
  } else {
    layer.inverse(p, y, pass.logdet);
  }
}

/// y -> x and dy -> dx in place, grad += ...; pass.logdet [N] is the cotangent of the log-determinant, empty
/// for zero. Where forward pushed a record on pass.kept, it is the last one here, and is popped.
template <class L, class T, class D>
void layer_backward(const L& layer, const LayerParams<L, T, D>& p, LayerParams<L, T, D>& grad, View<T, D>& y,
                    View<T, D>& dy, PassOf<T, D> pass) {
  if constexpr (is_tape_layer<L>) {
    detail::taped_backward<L, T, D>(layer, p, grad, y, dy, pass.logdet);
  } else if constexpr (!is_callable_on<L, D>) {
    detail::count_unknown_layer(layer, y);
  } else if constexpr (requires { layer.backward(p, grad, y, dy, pass); }) {
    layer.backward(p, grad, y, dy, pass);
  } else {
    layer.backward(p, grad, y, dy, pass.logdet);
  }
}

/// layer_forward with each of `steps`, one after another, by the layer's own forward_steps if it has one.
template <class L, class T, class D>
void layer_forward_steps(const L& layer, const std::vector<LayerParams<L, T, D>>& steps, View<T, D>& x,
                         PassOf<T, D> pass) {
  if constexpr (requires { layer.forward_steps(steps, x, pass); }) {
    layer.forward_steps(steps, x, pass);
  } else {
    for (const auto& p : steps) layer_forward<L, T, D>(layer, p, x, pass);
  }
}

/// Bytes that the layer may keep in training for an input of shape x, of a model in T; none unless it says
/// so.
template <class T, class L>
ActivationBytes activation_bytes(const L& layer, const Shape& x) {
  if constexpr (requires { layer.template activations<T>(x); }) {
    return layer.template activations<T>(x);
  } else {
    return {};
  }
}

/// Starting values of the parameters (zeros before), drawn from `random`; layers without `initialize` keep
/// zeros.
template <class L, class T, class D>
void initialize_layer(const L& layer, LayerParams<L, T, D>& p, Random random) {
  if constexpr (is_callable_on<L, D> && requires { layer.initialize(p, random); })
    layer.initialize(p, random);
}

/// Computes the derived leaves; to be called after every change of the others.
template <class L, class T, class D>
void prepare_layer(const L& layer, LayerParams<L, T, D>& p) {
  if constexpr (is_callable_on<L, D> && requires { layer.prepare(p); }) layer.prepare(p);
}

/// Data-dependent start: sets what the layer takes from a first batch x, then x -> y in place. A container
/// does both in one sweep (`start_through`); other layers may have a `start(params, x)`, or a `start(params,
/// x, pass)`, that only sets. The pass has a context, if there is one, and no log-determinant.
template <class L, class T, class D>
void start_layer(const L& layer, LayerParams<L, T, D>& p, View<T, D>& x, PassOf<T, D> pass) {
  if constexpr (requires { layer.start_through(p, x, pass); }) {
    layer.start_through(p, x, pass);
  } else {
    if constexpr (is_callable_on<L, D> && requires { layer.start(p, x, pass); }) {
      layer.start(p, x, pass);
      prepare_layer<L, T, D>(layer, p);
    } else if constexpr (is_callable_on<L, D> && requires { layer.start(p, x); }) {
      layer.start(p, x);
      prepare_layer<L, T, D>(layer, p);
    }
    layer_forward<L, T, D>(layer, p, x, pass);
  }
}

}  // namespace glow
