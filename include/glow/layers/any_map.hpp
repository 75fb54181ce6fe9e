// A coupling whose map is chosen when the program runs: one type of model has them all.
#pragma once

#include <glow/layers/coupling.hpp>
#include <glow/ops/maps/additive.hpp>
#include <glow/ops/maps/exp_affine.hpp>
#include <glow/ops/maps/rational_quadratic.hpp>
#include <glow/ops/maps/shifted_affine.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// In place of a map of ops/maps: the one that an Architecture names.
struct AnyMap {
  CouplingMap chosen = CouplingMap::affine;
};

/// Calls fn(map) with the map that was chosen, outside of all loops.
template <class F>
decltype(auto) with_map(AnyMap map, F&& fn) {
  switch (map.chosen) {
    case CouplingMap::additive:
      return fn(Additive());
    case CouplingMap::exp:
      return fn(ExpAffine());
    case CouplingMap::spline:
      return fn(RationalQuadratic<8>());
    case CouplingMap::shifted:
      return fn(ShiftedAffine());
    case CouplingMap::affine:
      break;
  }
  return fn(SigmoidAffine());
}

/// A coupling by the map that its Architecture names.
using AnyCoupling = CouplingOf<AnyMap>;

}  // namespace glow
