// Which of a flat buffer's elements weight decay acts on. Plain enough for kernels to include.
#pragma once

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Elements between bounds, which ascend: those from the first to before the second, from the third to before
/// the fourth, and so on.
struct Decayed {
  const Index* bounds = nullptr;
  Index count = 0;

  /// How many bounds lie at i or before; decay acts on i if they are odd in number.
  GLOW_HOST_DEVICE Index before(Index i) const {
    Index first = 0, last = count;
    while (first < last) {
      const Index middle = (first + last) / 2;
      if (bounds[middle] <= i) {
        first = middle + 1;
      } else {
        last = middle;
      }
    }
    return first;
  }
  GLOW_HOST_DEVICE bool operator()(Index i) const { return before(i) % 2 == 1; }
};

}  // namespace glow::ops
