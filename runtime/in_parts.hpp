// Batches of any size, in parts of a bounded size.
#pragma once

#include <algorithm>

#include <glow/core/interruptible.hpp>
#include <glow/core/parallel.hpp>
#include <glow/flow/groups.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::runtime {

/// Samples of `numbers` numbers each that pass through a model at once: enough to keep the device busy, few
/// enough for its memory, and for a call to be interrupted soon. Results do not depend on it.
inline Index samples_at_once(Cpu, Index numbers) {
  return std::max({Index{64}, 16 * Index{threads()}, (Index{1} << 16) / numbers});
}
template <class D>
Index samples_at_once(D, Index numbers) {
  return std::max(Index{16}, (Index{1} << 20) / numbers);
}

/// Calls fn(part) for parts of at most `size` samples of a batch, one after the other; see Interruptible.
template <class F>
void in_parts(Index batch, Index size, F fn) {
  const ImageGroups parts{batch, size};
  for (Index i = 0; i < parts.count(); ++i) {
    Interruptible::check();
    fn(parts.range(i));
  }
}

}  // namespace glow::runtime
