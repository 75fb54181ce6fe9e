// Flow: layers one after another, in the order in which they are written.
#pragma once

#include <tuple>

#include <glow/flow/architecture.hpp>
#include <glow/flow/layer.hpp>

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

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D>& x, View<T, D> logdet) const {
    for_each([&](const auto& layer,
                 auto& params) { layer_forward<Of<decltype(layer)>, T, D>(layer, params, x, logdet); },
             p);
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D>& y, View<T, D> logdet) const {
    backwards(std::index_sequence_for<Layers...>(), [&]<std::size_t I>() {
      layer_inverse<std::tuple_element_t<I, std::tuple<Layers...>>, T, D>(std::get<I>(layers_),
                                                                          std::get<I>(p.layers), y, logdet);
    });
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D>& y, View<T, D>& dy,
                View<T, D> dlogdet) const {
    backwards(std::index_sequence_for<Layers...>(), [&]<std::size_t I>() {
      layer_backward<std::tuple_element_t<I, std::tuple<Layers...>>, T, D>(
          std::get<I>(layers_), std::get<I>(p.layers), std::get<I>(grad.layers), y, dy, dlogdet);
    });
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

  template <std::size_t... I, class F>
  static void backwards(std::index_sequence<I...>, F fn) {
    (fn.template operator()<sizeof...(I) - 1 - I>(), ...);
  }

  std::tuple<Layers...> layers_;
};

}  // namespace glow
