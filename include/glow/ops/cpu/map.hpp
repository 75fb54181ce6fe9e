// A map over a batch x [N, ..., C], given what a network of any kind made of the channels that stay: h [N,
// ..., o (C / 2)] with o = Map::outputs, number j of the i-th channel that changes at j (C / 2) + i.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/counted.hpp>
#include <glow/core/parallel.hpp>
#include <glow/ops/condition.hpp>
#include <glow/ops/cpu/coupling_map.hpp>
#include <glow/ops/cpu/logdet.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

inline constexpr Index pixels_per_task = 64;

template <class Map, bool forward, class T, OrCounted<Cpu> D>
void map_batch(const T* h, View<T, D> x, View<T, D> logdet, Condition which) {
  const Index c = x.channels(), pixels = x.rows();
  const CouplingChannels at(c, which);
  const Scratch<T, D> sums(Shape{pixels});
  parallel_ranges(D(), pixels, pixels_per_task, [&](Index first, Index last) {
    const Index n = last - first;
    const Scratch<T, D> log_scale(Shape{n, at.changed}), work(Shape{n, at.changed, PixelMap<Map>::work_size});
    if constexpr (is_counted<D>) return;
    PixelMap<Map>::template apply<forward>(n, at.changed, h + first * Map::outputs * at.changed,
                                           x.data() + first * c + at.first_changed, c, log_scale.data(),
                                           work.data());
    for (Index p = 0; p < n; ++p) {
      T sum = 0;
      for (Index i = 0; i < at.changed; ++i) sum += log_scale[p * at.changed + i];
      sums[first + p] = sum;
    }
  });
  add_parts_to_logdet(logdet, sums.data(), x.positions(), forward ? T(1) : T(-1));
}

}  // namespace detail

/// x -> y in place; logdet[n] += the sum of log-scales, unless empty.
template <class Map, class T, OrCounted<Cpu> D>
void map_forward(View<T, D> h, View<T, D> x, View<T, D> logdet, Condition which) {
  detail::map_batch<Map, true>(h.data(), x, logdet, which);
}

/// y -> x in place; logdet[n] -= the same.
template <class Map, class T, OrCounted<Cpu> D>
void map_inverse(View<T, D> h, View<T, D> y, View<T, D> logdet, Condition which) {
  detail::map_batch<Map, false>(h.data(), y, logdet, which);
}

/// y -> x and dy -> dx in place where they change, and dh = the gradient of h; dlogdet [N] may be empty.
template <class Map, class T, OrCounted<Cpu> D>
void map_backward(View<T, D> h, View<T, D> y, View<T, D> dy, View<T, D> dlogdet, View<T, D> dh,
                  Condition which) {
  const CouplingChannels at(y.channels(), which);
  parallel_ranges(D(), y.rows(), detail::pixels_per_task, [&](Index first, Index last) {
    const Index n = last - first;
    const Scratch<T, D> log_scale(Shape{n, at.changed}),
        work(Shape{n, at.changed, detail::PixelMap<Map>::work_size});
    if constexpr (is_counted<D>) return;
    detail::pull_pixels<Map>(
        at, y.channels(), y.positions(), first, last, h.data() + first * Map::outputs * at.changed, y.data(),
        dy.data(), dlogdet.empty() ? nullptr : dlogdet.data(), dh.data(), log_scale.data(), work.data());
  });
}

}  // namespace glow::ops
