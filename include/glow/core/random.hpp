// Tensors of random numbers. Element i of a draw depends on (seed, stream, i) alone, so a draw has the same
// bits on any number of threads, and a resumed run draws what the unbroken one would have drawn.
#pragma once

#include <algorithm>

#include <glow/core/parallel.hpp>
#include <glow/core/philox.hpp>
#include <glow/core/tensor.hpp>

namespace glow::ops {

/// x[i] ~ U(0, 1), both ends excluded.
template <class T>
void fill_uniform(View<T, Cpu> x, Random random) {
  parallel_ranges(x.size(), 4096, [&](Index first, Index last) {
    for (Index i = first; i < last; i += 4) {
      const auto w = random.words(static_cast<std::uint64_t>(i / 4));
      for (Index j = i; j < std::min(last, i + 4); ++j) x[j] = uniform<T>(w[static_cast<std::size_t>(j - i)]);
    }
  });
}

/// x[i] ~ N(0, 1) * scale (drawn in double, rounded to T, then scaled).
template <class T>
void fill_normal(View<T, Cpu> x, Random random, std::type_identity_t<T> scale = 1) {
  parallel_ranges(x.size(), 4096, [&](Index first, Index last) {
    for (Index i = first; i < last; i += 4) {
      const auto normal = box_muller(random.words(static_cast<std::uint64_t>(i / 4)));
      for (Index j = i; j < std::min(last, i + 4); ++j)
        x[j] = static_cast<T>(normal[static_cast<std::size_t>(j - i)]) * scale;
    }
  });
}

}  // namespace glow::ops

namespace glow {

using ops::fill_normal;
using ops::fill_uniform;

}  // namespace glow
