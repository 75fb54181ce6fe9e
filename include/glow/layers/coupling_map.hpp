// The names of the maps by which a coupling can transform.
#pragma once

#include <algorithm>
#include <string_view>

#include <glow/core/named_values.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A map of ops/maps, of which each `name` is this one's.
enum class CouplingMap {
  affine,    ///< SigmoidAffine
  additive,  ///< Additive
  exp,       ///< ExpAffine
  spline,    ///< RationalQuadratic<8>
  shifted,   ///< ShiftedAffine
};

namespace detail {
inline constexpr std::array<std::string_view, 5> coupling_map_names{"affine", "additive", "exp", "spline",
                                                                    "shifted"};
}

/// "affine", "additive", "exp", "spline" or "shifted".
constexpr std::string_view name_of(CouplingMap map) {
  return detail::coupling_map_names[static_cast<std::size_t>(map)];
}

/// Whether a map has this name.
inline bool is_coupling_map(std::string_view name) {
  const auto& names = detail::coupling_map_names;
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The inverse of name_of; throws Error for another name.
inline CouplingMap coupling_map_of(std::string_view name) {
  return value_named<CouplingMap>("coupling", detail::coupling_map_names, name);
}

}  // namespace glow
