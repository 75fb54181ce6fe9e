// The sizes of a Glow, from which its layers are made.
#pragma once

#include <concepts>
#include <type_traits>

#include <glow/core/precision.hpp>
#include <glow/core/shape.hpp>
#include <glow/layers/coupling_map.hpp>

namespace glow {

/// Sizes of a multi-scale flow, in the terms of Kingma and Dhariwal (2018).
struct Architecture {
  int levels = 3;                         ///< L: scales, each half as high and wide as the one before
  int depth = 32;                         ///< K: flow steps a level
  Index width = 512;                      ///< channels of the hidden layers of a coupling network
  bool learn_top_prior = false;           ///< the last latent's mean and deviation are learned, else N(0, I)
  Precision precision = Precision::full;  ///< of the matrix products in coupling networks
  CouplingMap coupling = CouplingMap::affine;  ///< the map of an AnyCoupling; others have theirs by type
};

/// A layer made from an Architecture if it can be, else by default.
template <class Layer>
Layer make_layer(const Architecture& a) {
  if constexpr (std::constructible_from<Layer, const Architecture&>) {
    return Layer(a);
  } else {
    return Layer();
  }
}

}  // namespace glow
