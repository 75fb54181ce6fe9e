// The nets of models whose type is not known at compile time.
#pragma once

#include <glow/flow/flow.hpp>
#include <glow/flow/multiscale.hpp>
#include <glow/flow/repeat.hpp>
#include <glow/layers/actnorm.hpp>
#include <glow/layers/actnorm_any_permutation.hpp>
#include <glow/layers/any_map.hpp>
#include <glow/layers/any_permutation.hpp>
#include <glow/layers/mlp.hpp>
#include <glow/layers/squeeze.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Of images [H, W, C]: Glow, with the permutation and the coupling's map that an Architecture names. Its
/// tensors are those of MultiScale<Flow<Squeeze, Repeat<Flow<ActNorm, Conv1x1, Coupling>>>>, and of the same
/// with a Permutation or a coupling by another of the maps, so that the files of such models are its own.
using ImageNet = MultiScale<Flow<Squeeze, Repeat<Flow<ActNorm, AnyPermutation, AnyCoupling>>>>;

/// Of vectors [D]: the same at one level, with a Mlp of Architecture::width hidden units in each coupling.
using VectorNet = MultiScale<Repeat<Flow<ActNorm, AnyPermutation, CouplingOf<AnyMap, Mlp>>>>;

}  // namespace glow
