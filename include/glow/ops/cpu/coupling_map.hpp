// The map of a coupling over some pixels. Their network's output h [n, outputs * changed] has number j of
// channel i at element j * changed + i of a pixel.
#pragma once

#include <algorithm>

#include <glow/ops/condition.hpp>
#include <glow/ops/cpu/instruction_sets.hpp>
#include <glow/ops/maps/rational_quadratic.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops::detail {

/// Loops over n pixels, `stride` apart, with `changed` numbers x each; log_scale [n, changed] and work [n,
/// changed, work_size] are overwritten.
template <class Map>
struct PixelMap {
  static constexpr Index work_size = 1;

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

/// True for a map whose scale is sigmoid(a + 2), and whose functions take it where it is at hand.
template <class Map>
concept ScaledBySigmoid = requires(float v, float* dh) {
  Map::forward_by(v, v, v);
  Map::inverse_by(v, v, v);
  Map::pull_by(v, v, v, v, v, dh);
};

/// Their scales are computed a vector at a time.
template <ScaledBySigmoid Map>
struct PixelMap<Map> {
  static constexpr Index work_size = 1;

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
        x[i] = forward ? Map::forward_by(inverse[i], x[i], h[i]) : Map::inverse_by(inverse[i], x[i], h[i]);
      }
    }
  }

  template <class T>
  static void pull(Index changed, const T* h, T* y, T* dy, T dlog, T* dh, const T* inverse) {
    for (Index i = 0; i < changed; ++i) {
      y[i] = Map::inverse_by(inverse[i], y[i], h[i]);
      dy[i] = Map::pull_by(inverse[i], y[i], h[i], dy[i], dlog, Strided<T>{dh + i, changed});
    }
  }
};

/// Its exponentials are computed a vector at a time.
template <int Bins>
struct PixelMap<RationalQuadratic<Bins>> {
  using Map = RationalQuadratic<Bins>;
  static constexpr Index slopes = Bins - 1, sides = 2 * Bins, work_size = sides + 2 * slopes;

  // Of one number: its h, and what is computed before, see RationalQuadratic::is_prepared.
  template <class T>
  struct Prepared {
    Strided<const T> h;
    const T* work;

    T operator[](Index j) const { return h[j]; }
    T exponential(Index j) const { return work[j]; }
    T decay(Index j) const { return work[j]; }
    T log1p(Index j) const { return work[j + slopes]; }
  };

  // work [n, changed, work_size] of h.
  template <class T>
  static void prepare_pull(Index n, Index changed, const T* h, T*, T* work) {
    for (Index p = 0; p < n; ++p, h += Map::outputs * changed) {
      for (Index i = 0; i < changed; ++i)
        prepare(Strided<const T>{h + i, changed}, work + (p * changed + i) * work_size);
    }
    with_isa<T>([&]<class I>(I) {
      for (Index k = 0; k < n * changed; ++k, work += work_size) {
        I::exps_of_negatives(sides + slopes, work);
        I::log1ps_up_to_one(slopes, work + sides, work + sides + slopes);
      }
    });
  }

  template <bool forward, class T>
  static void apply(Index n, Index changed, const T* h, T* x, Index stride, T* log_scale, T* work) {
    prepare_pull(n, changed, h, log_scale, work);
    for (Index p = 0; p < n; ++p, x += stride, h += Map::outputs * changed) {
      for (Index i = 0; i < changed; ++i, ++log_scale, work += work_size) {
        const Prepared<T> of_number{{h + i, changed}, work};
        x[i] =
            forward ? Map::forward(x[i], of_number, *log_scale) : Map::inverse(x[i], of_number, *log_scale);
      }
    }
  }

  template <class T>
  static void pull(Index changed, const T* h, T* y, T* dy, T dlog, T* dh, const T* work) {
    for (Index i = 0; i < changed; ++i, work += work_size) {
      Map::pull_back(y[i], dy[i], dlog, Prepared<T>{{h + i, changed}, work}, Strided<T>{dh + i, changed});
    }
  }

 private:
  // The arguments of a number's exponentials.
  template <class T>
  static void prepare(Strided<const T> h, T* work) {
    for (const int side : {0, Bins}) {
      T most = h[side];
      for (int j = 1; j < Bins; ++j) most = std::max(most, h[side + j]);
      for (int j = 0; j < Bins; ++j) work[side + j] = h[side + j] - most;
    }
    for (Index j = sides; j < Map::outputs; ++j) work[j] = -std::abs(Map::raw_slope(h[j]));
  }
};

/// y -> x and dy -> dx in place for pixels first ... last - 1 of a batch of `stride` channels, with
/// `positions` pixels an image; h is that of these pixels alone, dh of the batch. dlogdet [N] may be null;
/// log_scale [last - first, changed] and work [last - first, changed, PixelMap<Map>::work_size] are
/// overwritten.
template <class Map, class T>
void pull_pixels(const CouplingChannels& at, Index stride, Index positions, Index first, Index last,
                 const T* h, T* y, T* dy, const T* dlogdet, T* dh, T* log_scale, T* work) {
  const Index o = Map::outputs * at.changed;
  PixelMap<Map>::prepare_pull(last - first, at.changed, h, log_scale, work);
  for (Index p = first; p < last; ++p, h += o, work += at.changed * PixelMap<Map>::work_size) {
    const Index changed = p * stride + at.first_changed;
    PixelMap<Map>::pull(at.changed, h, y + changed, dy + changed,
                        dlogdet == nullptr ? T(0) : dlogdet[p / positions], dh + p * o, work);
  }
}

}  // namespace glow::ops::detail
