// Matrix products on the CPU: packing of right operands, once per change of the weights, and products on one
// thread, for operands that fit a cache. What is computed is told by Product (ops/cpu/product.hpp).
#pragma once

#include <glow/core/parallel.hpp>
#include <glow/ops/cpu/instruction_sets.hpp>

namespace glow::ops {

/// The panels of a packed right operand of In with n columns.
template <class In>
Panels panels_of(Index n) {
  const int bytes = with_isa<In>([]<class I>(I) { return I::vector_bytes; });
  return {n, bytes / static_cast<Index>(sizeof(UnitOf<In>))};
}

/// Numbers that ops may read or write past an array's end where they say so: a vector of any CPU.
inline constexpr Index slack = 64;

/// n, filled up to vectors of float of any CPU.
constexpr Index whole_vectors(Index n) { return (n + 15) / 16 * 16; }

/// Numbers in the packed form of a right operand [k, n].
template <class In>
Index packed_size(Index k, Index n) {
  return whole_units<In>(k) * panels_of<In>(n).vectors * panels_of<In>(n).lanes;
}

/// Elements, of whichever type, that hold the packed form of [k, n] on any CPU: what a layer declares.
inline Shape packed_shape(Index k, Index n) { return {k * whole_vectors(n)}; }

/// Packs B [k, n], given as `element(row, column)`, on all threads. Columns are written in turn over a few
/// rows, so that it does not matter much along which of the two the elements lie.
template <class In, class Element>
void pack(Index k, Index n, In* packed, Element element) {
  constexpr Index depth = UnitTraits<In>::depth, rows = 16;
  const Panels panels = panels_of<In>(n);
  parallel_for(panels.count, [&](Index q) {
    const Index first = panels.first(q), width = panels.columns(q), columns = std::min(width, n - first);
    In* panel = packed + first * whole_units<In>(k);
    std::fill_n(panel, width * whole_units<In>(k), In(0.0f));
    for (Index row = 0; row < k; row += rows) {
      const Index some = std::min(rows, k - row);
      In* to = panel + row * width;
      for (Index c = 0; c < columns; ++c) {
        for (Index r = 0; r < some; ++r) {
          to[r / depth * depth * width + c * depth + r % depth] =
              static_cast<In>(element(row + r, first + c));
        }
      }
    }
  });
}

/// C = A B and what `finish` makes of it, on the calling thread.
template <class In, class Out>
void gemm(const Product<In, Out>& p) {
  with_isa<In>([&]<class I>(I) { I::gemm(p); });
}

}  // namespace glow::ops
