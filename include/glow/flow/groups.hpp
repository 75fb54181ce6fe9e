// How a batch is cut into groups of images that pass through a whole model on one thread each. Images do not
// depend on one another, so there is nothing to wait for between layers, and a group's numbers stay in its
// core's cache.
#pragma once

#include <algorithm>

#include <glow/core/counted.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Images first ... first + count - 1 of a batch.
struct ImageRange {
  Index first, count;

  /// Their part of a tensor [N, ...], which may be empty.
  template <class T, class D>
  View<T, D> of(View<T, D> batch) const {
    return batch.empty() ? batch : batch.samples(first, count);
  }
};

/// Groups of a batch, as even as can be.
struct ImageGroups {
  Index batch;
  Index size;  ///< images in a group; the last may have fewer

  Index count() const { return (batch + size - 1) / size; }
  ImageRange range(Index group) const { return {group * size, std::min(size, batch - group * size)}; }
};

/// Groups for densities and samples, whose results do not depend on them: as many for every thread, each of
/// about `pixels_of_a_group` pixels. One group, whose layers are then shared by all threads, where groups
/// would leave threads without work.
inline ImageGroups groups_for(Cpu, Index batch, Index pixels_per_image) {
  constexpr Index pixels_of_a_group = 4096;
  constexpr double least_use = 0.9;  // of all threads
  const Index n = threads(), a_round = n * pixels_of_a_group;
  const Index groups = n * std::max(Index{1}, batch * pixels_per_image / a_round);
  const Index size = std::max(Index{1}, (batch + groups - 1) / groups);
  const Index rounds = ((batch + size - 1) / size + n - 1) / n;
  const bool busy = static_cast<double>(batch) >= least_use * static_cast<double>(rounds * n * size);
  return {batch, n > 1 && busy ? size : batch};
}

/// Calls fn(group, images) for the groups of a batch, each on one thread.
template <class D, class F>
void for_each_group(D, const ImageGroups& groups, F&& fn) {
  parallel_for(groups.count(), [&](Index g) { fn(g, groups.range(g)); });
}
template <class D, class F>
void for_each_group(Counted<D>, const ImageGroups& groups, F&& fn) {
  CountedThreads<D>::run(groups.count(), [&](Index g) { fn(g, groups.range(g)); });
}

/// Groups for gradients, which each group sums up for itself: by sizes alone, so that the sum does not depend
/// on the number of threads. One group where the groups' gradients of `parameters` numbers would take more
/// memory than they save time.
inline ImageGroups gradient_groups_for(Cpu, Index batch, Index pixels_per_image, Index parameters) {
  constexpr Index pixels_of_a_group = 1024, numbers_of_all_groups = 1 << 20;
  const Index size = std::max((batch + 7) / 8, (pixels_of_a_group + pixels_per_image - 1) / pixels_per_image);
  const ImageGroups groups{batch, std::min(batch, size)};
  return groups.count() * parameters <= numbers_of_all_groups ? groups : ImageGroups{batch, batch};
}

/// Other devices share a layer's work among their own threads.
template <class D>
ImageGroups groups_for(D, Index batch, Index) {
  return {batch, batch};
}
template <class D>
ImageGroups gradient_groups_for(D, Index batch, Index, Index) {
  return {batch, batch};
}

/// Where memory is counted the groups are those of the device.
template <class D>
ImageGroups groups_for(Counted<D>, Index batch, Index pixels_per_image) {
  return groups_for(D(), batch, pixels_per_image);
}
template <class D>
ImageGroups gradient_groups_for(Counted<D>, Index batch, Index pixels_per_image, Index parameters) {
  return gradient_groups_for(D(), batch, pixels_per_image, parameters);
}

}  // namespace glow
