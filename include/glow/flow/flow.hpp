// Flow: layers one after another, in the order in which they are written.
#pragma once

#include <tuple>

#include <glow/flow/architecture.hpp>
#include <glow/flow/fused.hpp>

namespace glow {

/// Composition of layers, applied left to right; itself a layer. Its parameters are the layers', named by the
/// layer and, where a name stands twice, by a number from 2 on: "actnorm/bias", "actnorm_2/bias".
template <class... Layers>
class Flow {
  static_assert((check_layer<Layers>() && ...));

 public:
  template <class Leaf>
  struct Params {
    std::tuple<typename Layers::template Params<Leaf>...> layers;

    template <class F>
    void visit(F&& f) {
      visit_each(f, std::index_sequence_for<Layers...>());
    }

   private:
    template <class F, std::size_t... I>
    void visit_each(F& f, std::index_sequence<I...>) {
      (std::get<I>(layers).visit(with_prefix(member_name(I), f)), ...);
    }
  };

  Flow() = default;
  /// A flow of the given layers.
  explicit Flow(Layers... layers) requires(sizeof...(Layers) > 0) : layers_(std::move(layers)...) {}
  /// Layers that can be made from an Architecture (width, depth, ...) are; the others are made by default.
  explicit Flow(const Architecture& a) : layers_(make_layer<Layers>(a)...) {}

  /// The layers themselves.
  const std::tuple<Layers...>& layers() const { return layers_; }

  template <class Leaf>
  Params<Leaf> blank() const {
    return std::apply([](const Layers&... l) { return Params<Leaf>{{blank_params<Leaf>(l)...}}; }, layers_);
  }

  Params<Shape> declare(const Shape& x) const {
    Params<Shape> p;
    Shape shape = x;
    for_each(
        [&](const auto& layer, auto& shapes) {
          shapes = declare_layer(layer, shape);
          shape = output_shape(layer, shape);
        },
        p);
    return p;
  }

  Shape output(const Shape& x) const {
    Shape shape = x;
    std::apply([&](const Layers&... l) { ((shape = output_shape(l, shape)), ...); }, layers_);
    return shape;
  }

  /// Bytes that the layers may keep in training, see activation_bytes.
  template <class T>
  ActivationBytes activations(const Shape& x) const {
    ActivationBytes sum{};
    Shape shape = x;
    const auto add = [&](const auto& layer) {
      const ActivationBytes bytes = activation_bytes<T>(layer, shape);
      sum = {sum[0] + bytes[0], sum[1] + bytes[1]};
      shape = output_shape(layer, shape);
    };
    std::apply([&](const Layers&... l) { (add(l), ...); }, layers_);
    return sum;
  }

  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    std::uint64_t n = 0;
    for_each(
        [&](const auto& layer, auto& params) {
          initialize_layer<Of<decltype(layer)>, T, D>(layer, params, random.fork(n++));
        },
        p);
  }

  template <class T, class D>
  void start_through(Params<View<T, D>>& p, View<T, D>& x) const {
    for_each(
        [&](const auto& layer, auto& params) { start_layer<Of<decltype(layer)>, T, D>(layer, params, x); },
        p);
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    for_each(
        [&](const auto& layer, auto& params) { prepare_layer<Of<decltype(layer)>, T, D>(layer, params); }, p);
  }

  /// `kept`: none, or one Kept<D> for training.
  template <class T, class D, class... Keep>
  void forward(const Params<View<T, D>>& p, View<T, D>& x, View<T, D> logdet, Keep&... kept) const {
    forward_from<0>(p, x, logdet, kept...);
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D>& y, View<T, D> logdet) const {
    inverse_from<0>(p, y, logdet);
  }

  template <class T, class D, class... Keep>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D>& y, View<T, D>& dy,
                View<T, D> dlogdet, Keep&... kept) const {
    backward_from<0>(p, grad, y, dy, dlogdet, kept...);
  }

 private:
  template <class L>
  using Of = std::remove_cvref_t<L>;

  static std::string member_name(std::size_t member) {
    constexpr std::string_view names[] = {layer_name<Layers>()...};
    std::size_t same = 1;
    for (std::size_t i = 0; i < member; ++i) same += names[i] == names[member];
    std::string name(names[member]);
    return same == 1 || name.empty() ? name : name + "_" + std::to_string(same);
  }

  template <class F, class P>
  void for_each(F fn, P& p) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (fn(std::get<I>(layers_), std::get<I>(p.layers)), ...);
    }
    (std::index_sequence_for<Layers...>());
  }

  template <std::size_t I>
  using Layer = std::tuple_element_t<I, std::tuple<Layers...>>;

  // Whether layer I and the next are one op.
  template <std::size_t I, class T, class D>
  static constexpr bool fused() {
    if constexpr (I + 1 < sizeof...(Layers)) {
      return are_fused<Layer<I>, Layer<I + 1>, T, D>;
    } else {
      return false;
    }
  }

  // The layer that comes after the op which begins with layer I.
  template <std::size_t I, class T, class D>
  static constexpr std::size_t next = fused<I, T, D>() ? I + 2 : I + 1;

  template <std::size_t I, class T, class D, class... Keep>
  void forward_from(const Params<View<T, D>>& p, View<T, D>& x, View<T, D> logdet, Keep&... kept) const {
    if constexpr (I < sizeof...(Layers)) {
      if constexpr (fused<I, T, D>()) {
        fused_forward(std::get<I>(layers_), std::get<I>(p.layers), std::get<I + 1>(layers_),
                      std::get<I + 1>(p.layers), x, logdet);
      } else {
        layer_forward<Layer<I>, T, D>(std::get<I>(layers_), std::get<I>(p.layers), x, logdet, kept...);
      }
      forward_from<next<I, T, D>>(p, x, logdet, kept...);
    }
  }

  template <std::size_t I, class T, class D>
  void inverse_from(const Params<View<T, D>>& p, View<T, D>& y, View<T, D> logdet) const {
    if constexpr (I < sizeof...(Layers)) {
      inverse_from<next<I, T, D>>(p, y, logdet);
      if constexpr (fused<I, T, D>()) {
        fused_inverse(std::get<I>(layers_), std::get<I>(p.layers), std::get<I + 1>(layers_),
                      std::get<I + 1>(p.layers), y, logdet);
      } else {
        layer_inverse<Layer<I>, T, D>(std::get<I>(layers_), std::get<I>(p.layers), y, logdet);
      }
    }
  }

  template <std::size_t I, class T, class D, class... Keep>
  void backward_from(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D>& y, View<T, D>& dy,
                     View<T, D> dlogdet, Keep&... kept) const {
    if constexpr (I < sizeof...(Layers)) {
      backward_from<next<I, T, D>>(p, grad, y, dy, dlogdet, kept...);
      if constexpr (fused<I, T, D>()) {
        fused_backward(std::get<I>(layers_), std::get<I>(p.layers), std::get<I>(grad.layers),
                       std::get<I + 1>(layers_), std::get<I + 1>(p.layers), std::get<I + 1>(grad.layers), y,
                       dy, dlogdet);
      } else {
        layer_backward<Layer<I>, T, D>(std::get<I>(layers_), std::get<I>(p.layers), std::get<I>(grad.layers),
                                       y, dy, dlogdet, kept...);
      }
    }
  }

  std::tuple<Layers...> layers_;
};

}  // namespace glow
