// A map over a batch on a GPU, given a network's output. The equation is that of ops/cpu/map.hpp, the kernels
// are those of kernels/coupling.cu.
#pragma once

#include <glow/core/counted.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/ops/condition.hpp>
#include <glow/ops/cuda/logdet.hpp>
#include <glow/ops/cuda/pointwise.hpp>
#include <glow/ops/kernels/coupling.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// A batch [N, ..., C] as the kernels see it, and its network's output, which has its bias in it.
template <class Map, class T, OrCounted<Cuda> D>
class MappedBatch {
 public:
  MappedBatch(View<T, D> h, View<T, D> x, Condition which)
      : channels_(x.channels(), which),
        bias_(Shape{Map::outputs * channels_.changed}),
        shape_{x.batch(), 1, x.positions(), x.channels(), channels_.changed},
        network_{h.data(), Map::outputs * channels_.changed, bias_.data(), 1} {
    clear(bias_.view());
  }

  const kernels::CouplingShape& shape() const { return shape_; }
  const kernels::NetworkParts<T>& network() const { return network_; }
  // Where the channels that change begin.
  T* changed(View<T, D> batch) const { return batch.data() + channels_.first_changed; }

 private:
  CouplingChannels channels_;
  Scratch<T, D> bias_;
  kernels::CouplingShape shape_;
  kernels::NetworkParts<T> network_;
};

template <class Map, bool forward, class T, OrCounted<Cuda> D>
void map_batch(View<T, D> h, View<T, D> x, View<T, D> logdet, Condition which) {
  const MappedBatch<Map, T, D> batch(h, x, which);
  const Index sums_each = kernels::coupling_sums(batch.shape());
  const Scratch<T, D> sums(Shape{x.batch(), sums_each});
  if constexpr (is_counted<D>) return;
  const auto launch =
      forward ? kernels::launch_coupling_forward<Map, T> : kernels::launch_coupling_inverse<Map, T>;
  launch(batch.network(), batch.changed(x), batch.shape(), sums.data(), cuda::stream());
  add_parts_to_logdet(logdet, sums.data(), sums_each, forward ? T(1) : T(-1));
}

}  // namespace detail

/// x -> y in place; logdet[n] += the sum of log-scales, unless empty.
template <class Map, class T, OrCounted<Cuda> D>
void map_forward(View<T, D> h, View<T, D> x, View<T, D> logdet, Condition which) {
  detail::map_batch<Map, true>(h, x, logdet, which);
}

/// y -> x in place; logdet[n] -= the same.
template <class Map, class T, OrCounted<Cuda> D>
void map_inverse(View<T, D> h, View<T, D> y, View<T, D> logdet, Condition which) {
  detail::map_batch<Map, false>(h, y, logdet, which);
}

/// y -> x and dy -> dx in place where they change, and dh = the gradient of h; dlogdet [N] may be empty.
template <class Map, class T, OrCounted<Cuda> D>
void map_backward(View<T, D> h, View<T, D> y, View<T, D> dy, View<T, D> dlogdet, View<T, D> dh,
                  Condition which) {
  const detail::MappedBatch<Map, T, D> batch(h, y, which);
  if constexpr (is_counted<D>) return;
  kernels::launch_coupling_backward<Map, T>(batch.network(), dlogdet.empty() ? nullptr : dlogdet.data(),
                                            batch.changed(y), batch.changed(dy), dh.data(), batch.shape(),
                                            cuda::stream());
}

}  // namespace glow::ops
