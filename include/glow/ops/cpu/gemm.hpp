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

/// Along which of a matrix's two sides its source has elements side by side.
enum class Along { rows, columns };

/// Packs B [k, n], given as `element(row, column)`, on all threads, in the order in which the source is read
/// quickest.
template <Along along = Along::columns, class In, class Element>
void pack(Index k, Index n, In* packed, Element element) {
  constexpr Index depth = UnitTraits<In>::depth;
  const Index padded = whole_units<In>(k);
  const Panels panels = panels_of<In>(n);
  // The part of rows first ... last - 1, whole units, that lies in panel q.
  const auto pack_part = [&](Index q, Index first, Index last) {
    const Index left = panels.first(q), width = panels.columns(q), columns = std::min(width, n - left);
    In* const panel = packed + left * padded;
    const Index end = std::min(k, last);
    if (columns < width || end < last) std::fill(panel + first * width, panel + last * width, In(0.0f));
    const auto place = [&](Index r, Index c) -> In& {
      return panel[r / depth * depth * width + c * depth + r % depth];
    };
    if constexpr (along == Along::rows) {
      for (Index r = first; r < end; ++r) {
        for (Index c = 0; c < columns; ++c) place(r, c) = static_cast<In>(element(r, left + c));
      }
    } else {
      for (Index c = 0; c < columns; ++c) {
        for (Index r = first; r < end; ++r) place(r, c) = static_cast<In>(element(r, left + c));
      }
    }
  };
  if constexpr (along == Along::rows) {
    parallel_ranges(padded, 64, [&](Index first, Index last) {
      for (Index r = first; r < last; r += depth) {
        for (Index q = 0; q < panels.count; ++q) pack_part(q, r, r + depth);
      }
    });
  } else {
    constexpr Index together = 128;  // rows, whose place in a panel fits the cache
    parallel_for(panels.count, [&](Index q) {
      for (Index r = 0; r < padded; r += together) pack_part(q, r, std::min(padded, r + together));
    });
  }
}

/// C = A B and what `finish` makes of it, on the calling thread.
template <class In, class Out>
void gemm(const Product<In, Out>& p) {
  with_isa<In>([&]<class I>(I) { I::gemm(p); });
}

}  // namespace glow::ops
