// Squeeze: [N, H, W, C] -> [N, H/2, W/2, 4C], y[n, i, j, (dy * 2 + dx) * C + c] = x[n, 2i + dy, 2j + dx, c];
// log|det| = 0. Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using Real NVP, ICLR 2017,
// section 3.6.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/layers/params.hpp>
#include <glow/ops/cpu/squeeze.hpp>
#include <glow/ops/squeezed_shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Trades space for channels; no parameters. Height and width must be even (ShapeError). As the first layer
/// of a level it has no pass of its own: what comes before writes its pixels squeezed (flow/entry.hpp).
struct Squeeze {
  static constexpr std::string_view name = "squeeze";
  static constexpr bool only_calls_ops = true;

  template <class Leaf>
  using Params = NoParams<Leaf>;

  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(x.rank() == 4, "Squeeze: input ", x, " must be [N, H, W, C]");
    require<ShapeError>(x[1] % 2 == 0, "Squeeze: height ", x[1], " must be even (input is ", x, ")");
    require<ShapeError>(x[2] % 2 == 0, "Squeeze: width ", x[2], " must be even (input is ", x, ")");
    return {};
  }

  Shape output(const Shape& x) const { return ops::squeezed_shape(x); }

  template <class T, class D>
  void forward(const Params<View<T, D>>&, View<T, D>& x, View<T, D>) const {
    const View<T, D> y(x.data(), output(x.shape()));
    const Scratch<T, D> old(x.shape());
    copy(x, old.view());
    squeeze_forward(old.view(), y);
    x = y;
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>&, View<T, D>& y, View<T, D>) const {
    const View<T, D> x(y.data(), {y.batch(), 2 * y.height(), 2 * y.width(), y.channels() / 4});
    const Scratch<T, D> old(y.shape());
    copy(y, old.view());
    squeeze_inverse(old.view(), x);
    y = x;
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>&, View<T, D>& y, View<T, D>& dy,
                View<T, D>) const {
    inverse(p, y, View<T, D>());
    inverse(p, dy, View<T, D>());
  }
};

}  // namespace glow
