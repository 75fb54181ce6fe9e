// The names of the maps by which a coupling can transform.
#pragma once

#include <string_view>

#include <glow/core/error.hpp>

namespace glow {

/// A map of ops/maps, of which each `name` is this one's.
enum class CouplingMap {
  affine,    ///< SigmoidAffine
  additive,  ///< Additive
  exp,       ///< ExpAffine
  spline,    ///< RationalQuadratic<8>
};

/// "affine", "additive", "exp" or "spline".
constexpr std::string_view name_of(CouplingMap map) {
  constexpr std::string_view names[] = {"affine", "additive", "exp", "spline"};
  return names[static_cast<int>(map)];
}

/// The inverse of name_of; throws Error for another name.
inline CouplingMap coupling_map_of(std::string_view name) {
  for (const CouplingMap map :
       {CouplingMap::affine, CouplingMap::additive, CouplingMap::exp, CouplingMap::spline}) {
    if (name == name_of(map)) return map;
  }
  throw Error(join("coupling: '", name, "' is none of affine, additive, exp, spline"));
}

}  // namespace glow
