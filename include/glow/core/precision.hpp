// In which numbers the coupling networks multiply; all else is in the model's own type.
#pragma once

#include <ostream>
#include <string_view>

#include <glow/core/named_values.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Arithmetic of the matrix products in coupling networks: operands are rounded to these numbers, sums are
/// float32. Flow state, log-determinants and parameters keep the model's own type.
enum class Precision {
  full,  ///< the model's own type
  tf32,  ///< 10 bits of mantissa: NVIDIA GPUs from Ampere on, models in float
  bf16,  ///< 7 bits of mantissa: the same, and CPUs, where it is quicker with AVX512-BF16
};

namespace detail {
inline constexpr std::array<std::string_view, 3> precision_names{"full", "tf32", "bf16"};
}

/// "full", "tf32" or "bf16".
constexpr std::string_view name_of(Precision p) {
  return detail::precision_names[static_cast<std::size_t>(p)];
}
inline std::ostream& operator<<(std::ostream& out, Precision p) { return out << name_of(p); }

/// The inverse of name_of; throws Error for another name.
inline Precision precision_of(std::string_view name) {
  return value_named<Precision>("precision", detail::precision_names, name);
}

}  // namespace glow
