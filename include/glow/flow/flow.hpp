// Flow: layers one after another, in the order in which they are written.
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include <glow/flow/fused.hpp>
#include <glow/flow/visit_layers.hpp>
#include <glow/layers/architecture.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Composition of layers, applied left to right; itself a layer. Its parameters are the layers', named by the
/// layer and, where a name stands twice, by a number from 2 on: "actnorm/bias", "actnorm_2/bias".
template <class... Layers>
class Flow {
  static_assert((check_layer<Layers>() && ...));

  static constexpr std::size_t size = sizeof...(Layers);

  template <std::size_t I>
  using Layer = std::tuple_element_t<I, std::tuple<Layers...>>;

  // Whether `Fused` finds an op for the last layer of one flow and the first two of the next.
  template <class Fused>
  static constexpr bool has_seam() {
    if constexpr (size < 3) {
      return false;
    } else {
      return Fused::template found<Layer<size - 1>, Layer<0>, Layer<1>>;
    }
  }

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

  static constexpr bool only_calls_ops = true;

  /// The layers themselves.
  const std::tuple<Layers...>& layers() const { return layers_; }

  /// See the function visit_layers.
  template <class F>
  void visit_layers(const std::string& name, F&& fn) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (glow::visit_layers(std::get<I>(layers_), detail::name_within(name, name_of_parameters<I>()), fn), ...);
    }
    (std::index_sequence_for<Layers...>());
  }

  template <class Leaf>
  Params<Leaf> blank() const {
    return std::apply([](const Layers&... l) { return Params<Leaf>{{blank_params<Leaf>(l)...}}; }, layers_);
  }

  template <class D = Cpu>
  Params<Shape> declare(const Shape& x) const {
    Params<Shape> p;
    Shape shape = x;
    for_each(
        [&](const auto& layer, auto& shapes) {
          shapes = declare_layer<D>(layer, shape);
          shape = output_shape(layer, shape);
        },
        p);
    return p;
  }

  /// `output<1>(x)` passes over the first layer, whose output x is; the verbs have the same choice.
  template <std::size_t First = 0>
  Shape output(const Shape& x) const {
    Shape shape = x;
    with_layers<First, size - First>([&]<std::size_t... I>(std::index_sequence<I...>) {
      ((shape = output_shape(std::get<I>(layers_), shape)), ...);
    });
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

  template <std::size_t First = 0, class T, class D>
  void start_through(Params<View<T, D>>& p, View<T, D>& x, PassOf<T, D> pass) const {
    with_layers<First, size - First>([&]<std::size_t... I>(std::index_sequence<I...>) {
      (start_layer<Layer<I>, T, D>(std::get<I>(layers_), std::get<I>(p.layers), x, pass), ...);
    });
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    for_each(
        [&](const auto& layer, auto& params) { prepare_layer<Of<decltype(layer)>, T, D>(layer, params); }, p);
  }

  template <std::size_t First = 0, class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D>& x, PassOf<T, D> pass) const {
    forward_between<First, size>(p, x, pass);
  }

  /// forward with each of `steps`, at least one, where the last layer and the first two of the next step are
  /// one op.
  template <class T, class D>
  void forward_steps(const std::vector<Params<View<T, D>>>& steps, View<T, D>& x, PassOf<T, D> pass) const
      requires(has_seam<FusedForward<T, D>>()) {
    constexpr std::size_t last = size - 1;
    forward_between<0, last>(steps.front(), x, pass);
    for (std::size_t k = 1; k < steps.size(); ++k) {
      fused_forward(std::get<last>(layers_), std::get<0>(layers_), std::get<1>(layers_),
                    std::get<last>(steps[k - 1].layers), std::get<0>(steps[k].layers),
                    std::get<1>(steps[k].layers), x, pass);
      forward_between<2, last>(steps[k], x, pass);
    }
    forward_between<last, size>(steps.back(), x, pass);
  }

  template <std::size_t First = 0, class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D>& y, PassOf<T, D> pass) const {
    inverse_from<First>(p, y, pass);
  }

  template <std::size_t First = 0, class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D>& y, View<T, D>& dy,
                PassOf<T, D> pass) const {
    backward_from<First>(p, grad, y, dy, pass);
  }

 private:
  template <class L>
  using Of = std::remove_cvref_t<L>;

  static std::string member_name(std::size_t member) {
    constexpr std::string_view names[] = {layer_name<Layers>()...};
    std::size_t same = 1;
    for (std::size_t i = 0; i < member; ++i) same += names[i] == names[member];
    std::string name(names[member]);
    return same == 1 || name.empty() ? name : join(name, "_", same);
  }

  // A layer's name as its parameters have it: a layer that is chosen when the program runs has the chosen
  // one's.
  template <std::size_t I>
  std::string name_of_parameters() const {
    if constexpr (requires(const Layer<I>& layer) { layer.chosen_name(); }) {
      return std::string(std::get<I>(layers_).chosen_name());
    } else {
      return member_name(I);
    }
  }

  template <std::size_t I, std::size_t... J>
  std::string joined_names(std::index_sequence<I, J...>) const {
    return (name_of_parameters<I>() + ... + join("+", name_of_parameters<J>()));
  }

  // The names of N layers from I on, which are one op, when they are asked for: "actnorm+conv1x1".
  template <std::size_t I, std::size_t N>
  auto names() const {
    return [this] { return joined_names(with_layers<I, N>([](auto layers) { return layers; })); };
  }

  template <class F, class P>
  void for_each(F fn, P& p) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (fn(std::get<I>(layers_), std::get<I>(p.layers)), ...);
    }
    (std::index_sequence_for<Layers...>());
  }

  // fn of the numbers I, I + 1, ... of N layers.
  template <std::size_t I, std::size_t N, class F>
  static constexpr auto with_layers(F fn) {
    return [&]<std::size_t... J>(std::index_sequence<J...>) { return fn(std::index_sequence<I + J...>()); }
    (std::make_index_sequence<N>());
  }

  // How many layers, from layer I on and before layer End, are one op by what `Fused` finds: the most.
  template <class Fused, std::size_t I, std::size_t End, std::size_t N = std::min(most_fused, End - I)>
  static constexpr std::size_t together() {
    constexpr bool found = with_layers<I, N>([]<std::size_t... J>(std::index_sequence<J...>) {
      return N == 1 || Fused::template found<Layer<J>...>;
    });
    if constexpr (found) {
      return N;
    } else {
      return together<Fused, I, End, N - 1>();
    }
  }

  template <std::size_t I, std::size_t End, class T, class D>
  void forward_between(const Params<View<T, D>>& p, View<T, D>& x, PassOf<T, D> pass) const {
    if constexpr (I < End) {
      constexpr std::size_t n = together<FusedForward<T, D>, I, End>();
      probed(Verb::forward, names<I, n>(), x, pass, [&](const Pass<T, D>& within) {
        if constexpr (n == 1) {
          layer_forward<Layer<I>, T, D>(std::get<I>(layers_), std::get<I>(p.layers), x, within);
        } else {
          with_layers<I, n>([&]<std::size_t... J>(std::index_sequence<J...>) {
            fused_forward(std::get<J>(layers_)..., std::get<J>(p.layers)..., x, within);
          });
        }
      });
      forward_between<I + n, End>(p, x, pass);
    }
  }

  template <std::size_t I, class T, class D>
  void inverse_from(const Params<View<T, D>>& p, View<T, D>& y, PassOf<T, D> pass) const {
    if constexpr (I < size) {
      constexpr std::size_t n = together<FusedInverse<T, D>, I, size>();
      inverse_from<I + n>(p, y, pass);
      probed(Verb::inverse, names<I, n>(), y, pass, [&](const Pass<T, D>& within) {
        if constexpr (n == 1) {
          layer_inverse<Layer<I>, T, D>(std::get<I>(layers_), std::get<I>(p.layers), y, within);
        } else {
          with_layers<I, n>([&]<std::size_t... J>(std::index_sequence<J...>) {
            fused_inverse(std::get<J>(layers_)..., std::get<J>(p.layers)..., y, within);
          });
        }
      });
    }
  }

  template <std::size_t I, class T, class D>
  void backward_from(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D>& y, View<T, D>& dy,
                     PassOf<T, D> pass) const {
    if constexpr (I < size) {
      constexpr std::size_t n = together<FusedBackward<T, D>, I, size>();
      backward_from<I + n>(p, grad, y, dy, pass);
      probed(Verb::backward, names<I, n>(), dy, pass, [&](const Pass<T, D>& within) {
        if constexpr (n == 1) {
          layer_backward<Layer<I>, T, D>(std::get<I>(layers_), std::get<I>(p.layers),
                                         std::get<I>(grad.layers), y, dy, within);
        } else {
          with_layers<I, n>([&]<std::size_t... J>(std::index_sequence<J...>) {
            fused_backward(std::get<J>(layers_)..., std::get<J>(p.layers)..., std::get<J>(grad.layers)..., y,
                           dy, within);
          });
        }
      });
    }
  }

  std::tuple<Layers...> layers_;
};

}  // namespace glow
