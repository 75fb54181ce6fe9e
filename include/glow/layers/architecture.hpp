// The sizes of a Glow, from which its layers are made.
#pragma once

#include <concepts>
#include <type_traits>

#include <glow/core/precision.hpp>
#include <glow/core/shape.hpp>
#include <glow/layers/conditional.hpp>
#include <glow/layers/conv_net_options.hpp>
#include <glow/layers/coupling_map.hpp>
#include <glow/layers/permutation_kind.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Sizes of a multi-scale flow, in the terms of Kingma and Dhariwal (2018).
struct Architecture {
  int levels = 3;                         ///< L: scales, each half as high and wide as the one before
  int depth = 32;                         ///< K: flow steps a level
  Index width = 512;                      ///< channels of the hidden layers of a coupling network
  bool learn_top_prior = false;           ///< the last latent's mean and deviation are learned, else N(0, I)
  Precision precision = Precision::full;  ///< of the matrix products in coupling networks
  CouplingMap coupling = CouplingMap::affine;  ///< the map of an AnyCoupling; others have theirs by type
  ConvNetOptions network = {};                 ///< of coupling networks
  PermutationKind permutation = PermutationKind::lu;  ///< what an AnyPermutation is
  Shape context = {};  ///< what each sample is conditional on: [E] or an image [H, W, E]; rank 0 for nothing
  Conditional conditional = Conditional::all;  ///< which parts read the context
  Index classes = 0;  ///< labels 0 ... classes - 1 in place of a context, each learned as `embedding` numbers
  Index embedding = 16;
  /// Convolutions of priors read one more channel, the last, which is 1 within the image and 0 around it.
  /// (The same as OpenAI's, which is 1 around the image: see ConvNetOptions::edges.)
  bool prior_edges = false;
};

/// The context that layers read of an Architecture's samples: that which is given, or a label's embedding.
inline Shape layer_context(const Architecture& a) { return a.classes > 0 ? Shape{a.embedding} : a.context; }

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
