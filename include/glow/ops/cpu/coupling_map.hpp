// The map of a coupling over some pixels. Their network's output h [n, outputs * changed] has number j of
// channel i at element j * changed + i of a pixel.
#pragma once

#include <algorithm>

#include <glow/ops/condition.hpp>
#include <glow/ops/cpu/instruction_sets.hpp>
#include <glow/ops/maps/sigmoid_affine.hpp>

namespace glow::ops::detail {

/// Loops over n pixels, `stride` apart, with `changed` numbers x each; log_scale [n, changed] and `work`, of
/// as many elements, are overwritten.
template <class Map>
struct PixelMap {
  /// x -> y in place, or back.
  template <bool forward, class T>
  static void apply(Index n, Index changed, const T* h, T* x, Index stride, T* log_scale, T*) {
    for (Index p = 0; p < n; ++p, x += stride, h += Map::outputs * changed, log_scale += changed) {
      for (Index i = 0; i < changed; ++i) {
        const Strided<const T> of_channel{h + i, changed};
        x[i] = forward ? Map::forward(x[i], of_channel, log_scale[i])
                       : Map::inverse(x[i], of_channel, log_scale[i]);
      }
    }
  }

  /// y -> x and dy -> dx in place for one pixel; dh = the gradient of its h. dlog is that of its log-scales.
  template <class T>
  static void pull(Index changed, const T* h, T* y, T* dy, T dlog, T* dh, const T*) {
    for (Index i = 0; i < changed; ++i) {
      const Strided<const T> of_channel{h + i, changed};
      T log_scale;
      y[i] = Map::inverse(y[i], of_channel, log_scale);
      dy[i] = Map::pull(y[i], dy[i], dlog, of_channel, Strided<T>{dh + i, changed});
    }
  }

  /// What `pull` takes as its last argument, for n pixels.
  template <class T>
  static void prepare_pull(Index, Index, const T*, T*, T*) {}
};

/// Its scales are computed a vector at a time.
template <>
struct PixelMap<SigmoidAffine> {
  // inverse and log_scale [n, changed] = 1 / sigmoid(a + 2) and log sigmoid(a + 2).
  template <class T>
  static void prepare_pull(Index n, Index changed, const T* h, T* log_scale, T* inverse) {
    for (Index p = 0; p < n; ++p) std::copy_n(h + (2 * p + 1) * changed, changed, inverse + p * changed);
    with_isa<T>([&]<class I>(I) { I::affine_scales(n * changed, inverse, inverse, log_scale); });
  }

  template <bool forward, class T>
  static void apply(Index n, Index changed, const T* h, T* x, Index stride, T* log_scale, T* inverse) {
    prepare_pull(n, changed, h, log_scale, inverse);
    for (Index p = 0; p < n; ++p, x += stride, h += 2 * changed, inverse += changed) {
      for (Index i = 0; i < changed; ++i) {
        x[i] = forward ? SigmoidAffine::forward_by(inverse[i], x[i], h[i])
                       : SigmoidAffine::inverse_by(inverse[i], x[i], h[i]);
      }
    }
  }

  template <class T>
  static void pull(Index changed, const T* h, T* y, T* dy, T dlog, T* dh, const T* inverse) {
    for (Index i = 0; i < changed; ++i) {
      y[i] = SigmoidAffine::inverse_by(inverse[i], y[i], h[i]);
      dy[i] = SigmoidAffine::pull_by(inverse[i], y[i], dy[i], dlog, Strided<T>{dh + i, changed});
    }
  }
};

/// y -> x and dy -> dx in place for pixels first ... last - 1 of a batch of `stride` channels, with
/// `positions` pixels an image; h is that of these pixels alone, dh of the batch. dlogdet [N] may be null;
/// log_scale and work [last - first, changed] are overwritten.
template <class Map, class T>
void pull_pixels(const CouplingChannels& at, Index stride, Index positions, Index first, Index last,
                 const T* h, T* y, T* dy, const T* dlogdet, T* dh, T* log_scale, T* work) {
  const Index o = Map::outputs * at.changed;
  PixelMap<Map>::prepare_pull(last - first, at.changed, h, log_scale, work);
  for (Index p = first; p < last; ++p, h += o, work += at.changed) {
    const Index changed = p * stride + at.first_changed;
    PixelMap<Map>::pull(at.changed, h, y + changed, dy + changed,
                        dlogdet == nullptr ? T(0) : dlogdet[p / positions], dh + p * o, work);
  }
}

}  // namespace glow::ops::detail
