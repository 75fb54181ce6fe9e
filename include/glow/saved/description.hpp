// What a file says of its model besides the numbers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <glow/flow/model.hpp>
#include <glow/flow/visit_layers.hpp>
#include <glow/layers/coupling.hpp>
#include <glow/layers/permutation.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A model without its numbers: from this one of the same kind is made.
struct ModelDescription {
  /// None where the net was made of its parts. Of couplings and permutations it says what the net has, also
  /// where they are types of their own.
  std::optional<Architecture> architecture;
  Shape sample;               ///< [H, W, C] or [D]
  Domain domain = Pixels();   ///< a saved standardization is among the tensors
  std::string coupling = "";  ///< the name of the couplings' map, which may be a user's; "" without couplings
  Condition condition = Condition::on_second_half;  ///< of the couplings
  std::vector<std::string> class_names = {};        ///< of the labels 0, 1, ...; may be empty
};

/// The name of a coupling's map, as files have it.
template <class Coupling>
std::string map_name(const Coupling& coupling) {
  return with_map(coupling.map(), []<class M>(M) { return std::string(M::name); });
}

/// What a file says of `model`.
template <class Net, class T, class D>
ModelDescription describe(const Model<Net, T, D>& model) {
  ModelDescription d{.architecture = {}, .sample = model.sample_shape(), .domain = model.domain()};
  if constexpr (requires { model.net().architecture(); }) d.architecture = model.net().architecture();
  visit_layers(model.net(), "", [&]<class Layer>(const std::string&, const Layer& layer) {
    if constexpr (requires {
                    map_name(layer);
                    Layer::condition;
                  }) {
      d.coupling = map_name(layer);
      d.condition = Layer::condition;
    }
    if constexpr (std::is_same_v<Layer, Permutation>) {
      if (d.architecture)
        d.architecture->permutation =
            layer.kind() == ChannelOrder::reverse ? PermutationKind::reverse : PermutationKind::shuffle;
    }
  });
  if (d.architecture && is_coupling_map(d.coupling)) d.architecture->coupling = coupling_map_of(d.coupling);
  return d;
}

}  // namespace glow
