// How images enter a level. A level that begins with Squeeze, Flow<Squeeze, ...>, takes them squeezed, by
// whatever writes its input anyway (dequantization, the split of the level before), and runs without that
// layer; every other level takes them as they are.
#pragma once

#include <glow/flow/flow.hpp>
#include <glow/layers/squeeze.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// True for a Flow whose first layer is Squeeze.
template <class Level>
inline constexpr bool begins_with_squeeze = false;
template <class... Layers>
inline constexpr bool begins_with_squeeze<Flow<Squeeze, Layers...>> = true;

/// Shape in which images of shape x [N, H, W, C] enter the level.
template <class Level>
Shape entry_shape(const Shape& x) {
  if constexpr (begins_with_squeeze<Level>) {
    return ops::squeezed_shape(x);
  } else {
    return x;
  }
}

/// Shape of the level's output for images that enter as x.
template <class Level>
Shape entered_output(const Level& level, const Shape& x) {
  if constexpr (begins_with_squeeze<Level>) {
    return level.template output<1>(x);
  } else {
    return output_shape(level, x);
  }
}

/// Images [N, H, W, C] -> x, as they enter the level.
template <class Level, class T, class D>
void enter(View<const std::type_identity_t<T>, std::type_identity_t<D>> images, View<T, D> x) {
  if constexpr (begins_with_squeeze<Level>) {
    squeeze_forward(images, x);
  } else {
    copy(images, x);
  }
}

/// x, as images enter the level, -> images [N, H, W, C].
template <class Level, class T, class D>
void leave(View<const std::type_identity_t<T>, std::type_identity_t<D>> x, View<T, D> images) {
  if constexpr (begins_with_squeeze<Level>) {
    squeeze_inverse(x, images);
  } else {
    copy(x, images);
  }
}

/// start_layer of a level, for x as it enters.
template <class Level, class T, class D>
void start_entered(const Level& level, LayerParams<Level, T, D>& p, View<T, D>& x, PassOf<T, D> pass) {
  if constexpr (begins_with_squeeze<Level>) {
    level.template start_through<1>(p, x, pass);
  } else {
    start_layer<Level, T, D>(level, p, x, pass);
  }
}

/// layer_forward of a level, for x as it enters.
template <class Level, class T, class D>
void entered_forward(const Level& level, const LayerParams<Level, T, D>& p, View<T, D>& x,
                     PassOf<T, D> pass) {
  if constexpr (begins_with_squeeze<Level>) {
    level.template forward<1>(p, x, pass);
  } else {
    layer_forward<Level, T, D>(level, p, x, pass);
  }
}

/// layer_inverse of a level, to x as it enters.
template <class Level, class T, class D>
void entered_inverse(const Level& level, const LayerParams<Level, T, D>& p, View<T, D>& y,
                     PassOf<T, D> pass) {
  if constexpr (begins_with_squeeze<Level>) {
    level.template inverse<1>(p, y, pass);
  } else {
    layer_inverse<Level, T, D>(level, p, y, pass);
  }
}

/// layer_backward of a level, to x and dx as it enters.
template <class Level, class T, class D>
void entered_backward(const Level& level, const LayerParams<Level, T, D>& p, LayerParams<Level, T, D>& grad,
                      View<T, D>& y, View<T, D>& dy, PassOf<T, D> pass) {
  if constexpr (begins_with_squeeze<Level>) {
    level.template backward<1>(p, grad, y, dy, pass);
  } else {
    layer_backward<Level, T, D>(level, p, grad, y, dy, pass);
  }
}

}  // namespace glow
