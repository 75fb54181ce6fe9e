// Tensors of random numbers. Element i of a draw depends on (seed, stream, i) alone, so a draw has the same
// bits on any number of threads, and a resumed run draws what the unbroken one would have drawn.
#pragma once

#include <algorithm>

#include <glow/core/parallel.hpp>
#include <glow/core/philox.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

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

/// x [N, ...] ~ N(0, 1), where image n draws from random.fork(first + n), a sequence of its own: so it is the
/// same whatever lies beside it in the batch.
template <class T>
void fill_normal_by_image(View<T, Cpu> x, Random random, Index first = 0) {
  const Index images = x.batch(), size = images == 0 ? 0 : x.size() / images, blocks = (size + 3) / 4;
  parallel_ranges(images * blocks, 1024, [&](Index begin, Index end) {
    for (Index b = begin; b < end;) {
      const Index n = b / blocks, of_image = n * blocks, last = std::min(end, of_image + blocks);
      const Random own = random.fork(static_cast<std::uint64_t>(first + n));
      for (; b < last; ++b) {
        const auto normal = box_muller(own.words(static_cast<std::uint64_t>(b - of_image)));
        const Index at = (b - of_image) * 4;
        for (Index i = at; i < std::min(size, at + 4); ++i)
          x[n * size + i] = static_cast<T>(normal[static_cast<std::size_t>(i - at)]);
      }
    }
  });
}

}  // namespace glow::ops

namespace glow::inline GLOW_VERSION_NAMESPACE {

using ops::fill_normal;
using ops::fill_normal_by_image;
using ops::fill_uniform;

}  // namespace glow
