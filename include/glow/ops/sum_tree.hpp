// The order in which parts of a sum are added. Floating-point sums depend on it, so there is one for all:
// parts are added in pairs, pairs of neighbours in pairs, and so on. A run of 2^k parts that begins at a
// multiple of 2^k is then summed alike wherever it is: in a group of images, in a part of a batch, or on
// another machine.
#pragma once

#include <glow/core/shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Calls add(to, from) for parts 0 ... count - 1, after which part 0 is their sum: part `to` += part `from`.
template <class Add>
void for_each_sum_of_tree(Index count, Add add) {
  for (Index apart = 1; apart < count; apart *= 2) {
    for (Index i = 0; i + apart < count; i += 2 * apart) add(i, i + apart);
  }
}

}  // namespace glow
