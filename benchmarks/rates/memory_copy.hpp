// MemoryCopy: what pointwise work is told as a share of.
#pragma once

#include <cstring>

#include <glow/glow.hpp>

namespace glow::benchmarks {

/// A copy on all threads, of far more than any cache holds.
class MemoryCopy {
  static constexpr Index elements = 1 << 25;

 public:
  MemoryCopy() : from_(Shape{elements}), to_(Shape{elements}) { fill_normal(from_.view(), Random{1, 0}); }

  /// Bytes that a call reads and writes, both counted.
  static constexpr double bytes = 2.0 * elements * sizeof(float);

  void run() {
    // One run of memory a thread: the C library copies long runs past the caches, at the best rate there is.
    const Index tasks = threads(), grain = (elements + tasks - 1) / tasks;
    parallel_ranges(elements, grain, [this](Index first, Index last) {
      std::memcpy(to_.data() + first, from_.data() + first,
                  static_cast<std::size_t>(last - first) * sizeof(float));
    });
  }

 private:
  Tensor<float> from_, to_;
};

}  // namespace glow::benchmarks
