// LevelRoom: the memory in which a level of a MultiScale works.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

// Memory in which level l > 1 works: that of its latent if it is the last, else a temporary.
template <class T, class D>
struct LevelRoom {
  Scratch<T, D> work;
  View<T, D> x;

  // `entry`: the shape of what enters the level. `latent`: of the last level, else empty.
  LevelRoom(const Shape& entry, View<T, D> latent)
      : work(latent.empty() ? entry : Shape{0}), x(latent.empty() ? work.data() : latent.data(), entry) {}
};

template <class T, class D>
void copy_unless_same(View<T, D> from, View<T, D> to) {
  if (from.data() != to.data()) copy(from, to);
}

}  // namespace glow::detail
