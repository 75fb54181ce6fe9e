// Fixed permutation of channels, y[..., i] = x[..., order[i]]; log|det dy/dx| = 0. Source: D. Kingma, P.
// Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018, section 3.2, which compares
// Conv1x1 with a reversal and with a fixed shuffle.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/layers/params.hpp>
#include <glow/ops/cpu/permutation.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Orders channels anew, by an order that is drawn or reversed at the start and saved with the model.
class Permutation {
 public:
  static constexpr std::string_view name = "permutation";
  static constexpr bool only_calls_ops = true;

  template <class Leaf>
  struct Params {
    Leaf order;  ///< [C], constant: the channel of x that becomes each channel of y

    template <class F>
    void visit(F&& f) {
      f("order", order, Role::constant);
    }
  };

  explicit Permutation(ChannelOrder kind = ChannelOrder::shuffle) : kind_(kind) {}

  /// How the order starts.
  ChannelOrder kind() const { return kind_; }

  /// Takes images [N, H, W, C] and vectors [N, D]; throws ShapeError for an input that is no batch.
  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(x.rank() >= 2, "Permutation: input ", x, " must be [N, H, W, C] or [N, D]");
    return {{x.back()}};
  }

  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    permutation_start(kind_, p.order, random);
  }

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D> x, View<T, D>) const {
    const Scratch<T, D> old(x.shape());
    copy(x, old.view());
    permutation_forward(p.order, old.view(), x);
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> y, View<T, D>) const {
    const Scratch<T, D> old(y.shape());
    copy(y, old.view());
    permutation_inverse(p.order, old.view(), y);
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>&, View<T, D> y, View<T, D> dy,
                View<T, D>) const {
    inverse(p, y, View<T, D>());
    inverse(p, dy, View<T, D>());
  }

 private:
  ChannelOrder kind_;
};

}  // namespace glow
