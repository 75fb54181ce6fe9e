// The net of a description.
#pragma once

#include <glow/runtime/nets.hpp>
#include <glow/saved/description.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::runtime {

/// Calls fn(net) with the net of a description. Throws Error for one that is neither of the runtime's.
template <class F>
auto with_net(const ModelDescription& d, F fn) {
  require(d.architecture.has_value(),
          "its net was made of its parts, not from an Architecture; only load_as can take it");
  require(d.coupling.empty() || is_coupling_map(d.coupling), "its couplings, '", d.coupling,
          "', are a type of its own; only load can take it");
  require(d.condition == Condition::on_second_half,
          "its couplings read the first half of the channels; only load can take it");
  require<ShapeError>(d.sample.rank() == 3 || d.sample.rank() == 1, "sample ", d.sample,
                      " must be [H, W, C] or [D]");
  if (d.sample.rank() == 1) return fn(VectorNet(*d.architecture));
  return fn(ImageNet(*d.architecture));
}

}  // namespace glow::runtime
