// A layer that mixes channels, chosen when the program runs: one type of model has them all.
#pragma once

#include <variant>

#include <glow/layers/architecture.hpp>
#include <glow/layers/conv1x1.hpp>
#include <glow/layers/permutation.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The Conv1x1 or Permutation that an Architecture names. Its parameters are that layer's, and have that
/// layer's name, "conv1x1/lower" or "permutation/order", so a Flow takes one AnyPermutation.
class AnyPermutation {
 public:
  static constexpr bool only_calls_ops = true;

  template <class Leaf>
  struct Params {
    std::variant<Conv1x1::Params<Leaf>, Permutation::Params<Leaf>> chosen;

    /// The parameters of L, which is the chosen layer.
    template <class L>
    auto& of() {
      return std::get<typename L::template Params<Leaf>>(chosen);
    }
    template <class L>
    const auto& of() const {
      return std::get<typename L::template Params<Leaf>>(chosen);
    }

    template <class F>
    void visit(F&& f) {
      const bool lu = std::holds_alternative<Conv1x1::Params<Leaf>>(chosen);
      const auto named = with_prefix(std::string(lu ? Conv1x1::name : Permutation::name), f);
      std::visit([&](auto& params) { params.visit(named); }, chosen);
    }
  };

  explicit AnyPermutation(PermutationKind kind = PermutationKind::lu) {
    if (kind == PermutationKind::shuffle) layer_ = Permutation(ChannelOrder::shuffle);
    if (kind == PermutationKind::reverse) layer_ = Permutation(ChannelOrder::reverse);
  }
  explicit AnyPermutation(const Architecture& a) : AnyPermutation(a.permutation) {}

  /// Calls fn(layer) with the chosen layer.
  template <class F>
  decltype(auto) with_layer(F&& fn) const {
    return std::visit(fn, layer_);
  }

  /// "conv1x1" or "permutation".
  std::string_view chosen_name() const {
    return with_layer([]<class L>(const L&) { return L::name; });
  }

  template <class Leaf>
  Params<Leaf> blank() const {
    return with_layer([]<class L>(const L&) { return Params<Leaf>{typename L::template Params<Leaf>()}; });
  }

  Params<Shape> declare(const Shape& x) const {
    return with_layer([&](const auto& layer) { return Params<Shape>{layer.declare(x)}; });
  }

  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    with_layer([&]<class L>(const L& layer) { layer.initialize(p.template of<L>(), random); });
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    with_layer([&]<class L>(const L& layer) {
      if constexpr (requires { layer.prepare(p.template of<L>()); }) layer.prepare(p.template of<L>());
    });
  }

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D> x, View<T, D> logdet) const {
    with_layer([&]<class L>(const L& layer) { layer.forward(p.template of<L>(), x, logdet); });
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> y, View<T, D> logdet) const {
    with_layer([&]<class L>(const L& layer) { layer.inverse(p.template of<L>(), y, logdet); });
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> y, View<T, D> dy,
                View<T, D> dlogdet) const {
    with_layer([&]<class L>(const L& layer) {
      layer.backward(p.template of<L>(), grad.template of<L>(), y, dy, dlogdet);
    });
  }

 private:
  std::variant<Conv1x1, Permutation> layer_;
};

}  // namespace glow
