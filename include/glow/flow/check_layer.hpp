// Compile-time checks of a layer, one verb at a time, so that a missing verb is one readable line.
#pragma once

#include <string_view>
#include <type_traits>

#include <glow/ad/var.hpp>
#include <glow/layers/params.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

template <class L, class Leaf>
using ParamsOf = typename L::template Params<Leaf>;

template <class L>
concept HasParams = requires {
  typename ParamsOf<L, View<double>>;
};

// The verbs over tape variables, as a user's layer has them.
template <class L>
concept TapeForward = requires(const L& l, ParamsOf<L, Var<double>>& p, Var<double> x, Var<double>& logdet) {
  { l.forward(p, x, logdet) } -> std::same_as<Var<double>>;
};
template <class L>
concept TapeInverse = requires(const L& l, ParamsOf<L, Var<double>>& p, Var<double> y, Var<double>& logdet) {
  { l.inverse(p, y, logdet) } -> std::same_as<Var<double>>;
};

// The verbs in place on views.
template <class L>
concept ViewForward = requires(const L& l, const ParamsOf<L, View<double>>& p, View<double>& x,
                               View<double> logdet) {
  { l.forward(p, x, logdet) } -> std::same_as<void>;
};
template <class L>
concept ViewInverse = requires(const L& l, const ParamsOf<L, View<double>>& p, View<double>& y,
                               View<double> logdet) {
  { l.inverse(p, y, logdet) } -> std::same_as<void>;
};
template <class L>
concept ViewBackward = requires(const L& l, const ParamsOf<L, View<double>>& p,
                                ParamsOf<L, View<double>>& grad, View<double>& y, View<double>& dy,
                                View<double> dlogdet) {
  { l.backward(p, grad, y, dy, dlogdet) } -> std::same_as<void>;
};

}  // namespace detail

/// True for a layer whose verbs are written in tape operations, and whose backward is derived.
template <class L>
inline constexpr bool is_tape_layer = [] {
  if constexpr (detail::HasParams<L>) {
    return detail::TapeForward<L>;
  } else {
    return false;
  }
}();

/// Which parts of a layer are there.
template <class L>
struct LayerParts {
  static constexpr bool params = detail::HasParams<L>;
  static constexpr bool forward = [] {
    if constexpr (is_tape_layer<L>) {
      return true;
    } else if constexpr (params) {
      return detail::ViewForward<L>;
    } else {
      return false;
    }
  }();
  static constexpr bool inverse = [] {
    if constexpr (is_tape_layer<L>) {
      return detail::TapeInverse<L>;
    } else if constexpr (params) {
      return detail::ViewInverse<L>;
    } else {
      return false;
    }
  }();
  static constexpr bool backward = [] {
    if constexpr (is_tape_layer<L>) {
      return true;
    } else if constexpr (params) {
      return detail::ViewBackward<L>;
    } else {
      return false;
    }
  }();
};

/// Fails to compile, naming the layer L and what it lacks, unless L has all a layer needs; the first lack is
/// reported alone. True otherwise.
template <class L>
constexpr bool check_layer() {
  using Parts = LayerParts<L>;
  static_assert(Parts::params,
                "glow: this layer lacks `template <class Leaf> struct Params`, see docs/layers.md");
  if constexpr (Parts::params) {
    static_assert(Parts::forward,
                  "glow: this layer lacks the verb forward(params, x, logdet), see docs/layers.md");
    if constexpr (Parts::forward) {
      static_assert(Parts::inverse,
                    "glow: this layer lacks the verb inverse(params, y, logdet), see docs/layers.md");
      if constexpr (Parts::inverse) {
        static_assert(
            Parts::backward,
            "glow: this layer lacks the verb backward(params, grad, y, dy, dlogdet): a layer on views has "
            "one, a layer on tape variables needs none, see docs/layers.md");
      }
    }
  }
  return true;
}

}  // namespace glow
