// What a matrix product C = A B is given, for any instruction set: operands of float, double or bf16, and
// what becomes of the sums. Each element of C is one sum in the order of k, whatever the sizes, so results do
// not depend on how a computation is cut into tiles.
#pragma once

#include <cstdint>

#include <glow/core/bf16.hpp>
#include <glow/core/shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// How operands of In lie in registers: a unit is `depth` consecutive numbers along k, which are multiplied
/// and summed at once.
template <class In>
struct UnitTraits {
  using Sum = In;
  using Unit = In;
  static constexpr Index depth = 1;
};
template <>
struct UnitTraits<Bf16> {
  using Sum = float;
  using Unit = std::uint32_t;
  static constexpr Index depth = 2;
};

template <class In>
using SumOf = typename UnitTraits<In>::Sum;
template <class In>
using UnitOf = typename UnitTraits<In>::Unit;

/// Units that hold k numbers.
template <class In>
constexpr Index units_of(Index k) {
  return (k + UnitTraits<In>::depth - 1) / UnitTraits<In>::depth;
}

/// k, filled up to whole units.
template <class In>
constexpr Index whole_units(Index k) {
  return units_of<In>(k) * UnitTraits<In>::depth;
}

/// What becomes of an element of A B.
enum class Finish {
  assign,        ///< C = A B
  add,           ///< C += A B
  bias,          ///< C = A B + bias
  bias_relu,     ///< C = max(A B + bias, 0)
  where_active,  ///< C = A B where `active`, laid out as C, is positive, else 0
};

/// C [m, n] from A [m, k] and B [k, n] by `finish`. Rows of A lie left_step numbers apart and are whole
/// units: whole_units(k) readable numbers, of which those beyond k are finite. `right` is the packed form of
/// B.
template <class In, class Out = SumOf<In>>
struct Product {
  Index m, n, k;
  const In* left;
  Index left_step;
  const In* right;
  Out* out;
  Index out_step;
  Finish finish = Finish::assign;
  const SumOf<In>* bias = nullptr;  // [n]
  const In* active = nullptr;       // [m, n], rows out_step apart
};

/// The columns of a packed right operand: n of them fill vectors of `lanes` columns, which fill panels of at
/// most `most` vectors, as even as can be; the last vector is filled up with zeros. In memory, panel after
/// panel, each unit by unit along k.
struct Panels {
  static constexpr Index most = 3;
  Index lanes, vectors, count;

  constexpr Panels(Index n, Index lanes_of_a_vector)
      : lanes(lanes_of_a_vector), vectors((n + lanes - 1) / lanes), count((vectors + most - 1) / most) {}

  /// Columns of panel q.
  constexpr Index columns(Index q) const { return lanes * (vectors / count + (q < vectors % count)); }
  /// The panel of vector v.
  constexpr Index with_vector(Index v) const {
    const Index few = vectors / count, wide = vectors % count, in_wide = wide * (few + 1);
    return v < in_wide ? v / (few + 1) : wide + (v - in_wide) / few;
  }
  /// First column of panel q.
  constexpr Index first(Index q) const {
    const Index wide = vectors % count;
    return lanes * (q * (vectors / count) + (q < wide ? q : wide));
  }
};

/// C [m, n] = A^T B, or += by `finish`, summed over the rows of A [rows, m], which lie left_step numbers
/// apart, and of B [rows, n], packed as panels.
template <class In>
struct PackedOuterProduct {
  Index m, n, rows;
  const In* left;
  Index left_step;
  const In* right;
  SumOf<In>* out;
  Index out_step;
  Finish finish;  // assign or add
};

}  // namespace glow::ops
