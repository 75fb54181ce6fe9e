// Packing of the right operands of matrix products, once per change of the weights: in memory, panel after
// panel of columns, each unit by unit along k (see Panels and UnitTraits in ops/cpu/product.hpp).
#pragma once

#include <glow/core/parallel.hpp>
#include <glow/ops/cpu/instruction_sets.hpp>
#include <glow/ops/neighbours.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// The panels of a packed right operand of In with n columns.
template <class In>
Panels panels_of(Index n) {
  const int bytes = with_isa<In>([]<class I>(I) { return I::vector_bytes; });
  return {n, bytes / static_cast<Index>(sizeof(UnitOf<In>))};
}

/// n, filled up to vectors of float of any CPU.
constexpr Index whole_vectors(Index n) { return (n + 15) / 16 * 16; }

/// Numbers in the packed form of a right operand [k, n].
template <class In>
Index packed_size(Index k, Index n) {
  return whole_units<In>(k) * panels_of<In>(n).vectors * panels_of<In>(n).lanes;
}

/// Elements, of whichever type, that hold the packed form of [k, n] on any CPU: what a layer declares.
inline Shape packed_shape(Index k, Index n) { return {k * whole_vectors(n)}; }

/// How a right operand B [k, n] lies in memory: B[i, j] at b[i * step + j], or at b[j * step + i].
enum class Along { rows, columns };

namespace detail {

// Unit u of a column of a matrix with k rows, filled up with zero; `column` is in row 0, and the next row
// `step` numbers on.
template <class In, class From>
UnitOf<In> unit_of(Index k, Index u, const From* column, Index step) {
  if constexpr (std::is_same_v<In, Bf16>) {
    const std::uint32_t first = Bf16(column[2 * u * step]).bits;
    if (2 * u + 1 == k) return first;
    return first | static_cast<std::uint32_t>(Bf16(column[(2 * u + 1) * step]).bits) << 16;
  } else {
    return column[u * step];
  }
}

// pack of a source that is read row by row.
template <class In, class From>
void pack_rows(Index k, Index n, Index filled, UnitOf<In>* packed, const From* b, Index step) {
  const Index units = units_of<In>(k);
  const Panels panels = panels_of<In>(n);
  parallel_ranges(units, 32, [&](Index first, Index last) {
    for (Index u = first; u < last; ++u) {
      for (Index q = 0; q < panels.count; ++q) {
        const Index left = panels.first(q), width = panels.columns(q);
        const Index columns = std::clamp(filled - left, Index{0}, width);
        UnitOf<In>* const row = packed + left * units + u * width;
        for (Index c = 0; c < columns; ++c) row[c] = unit_of<In>(k, u, b + left + c, step);
        std::fill(row + columns, row + width, UnitOf<In>(0));
      }
    }
  });
}

// pack of a source that is read column by column: a vector of columns at a time, some units of each, which
// then are written unit by unit.
template <class In, class From>
void pack_columns(Index k, Index n, Index filled, UnitOf<In>* packed, const From* b, Index step) {
  constexpr Index depth = UnitTraits<In>::depth, height = 16 * depth,
                  most = 16;  // rows and columns of a tile
  const Index units = units_of<In>(k);
  const Panels panels = panels_of<In>(n);
  parallel_for(panels.vectors, [&](Index v) {
    const Index q = panels.with_vector(v), width = panels.columns(q), left = v * panels.lanes;
    const Index columns = std::clamp(filled - left, Index{0}, panels.lanes);
    UnitOf<In>* const block = packed + panels.first(q) * (units - 1) + left;
    In tile[most][height] = {};
    // The compiler makes vectors of loops whose lengths it knows.
    const auto pack_tile = [&](Index first, auto rows, auto lanes) {
      for (Index c = 0; c < columns; ++c) {
        const From* const column = b + (left + c) * step + first;
        for (Index r = 0; r < rows; ++r) tile[c][r] = static_cast<In>(column[r]);
        for (Index r = rows; r < height; ++r) tile[c][r] = In(0.0f);
      }
      for (Index r = 0; r < rows; r += depth) {
        UnitOf<In>* const to = block + (first + r) / depth * width;
        for (Index c = 0; c < lanes; ++c) std::memcpy(to + c, &tile[c][r], sizeof *to);
      }
    };
    for (Index first = 0; first < k; first += height) {
      if (first + height <= k && panels.lanes == most) {
        pack_tile(first, std::integral_constant<Index, height>(), std::integral_constant<Index, most>());
      } else {
        pack_tile(first, std::min(height, k - first), panels.lanes);
      }
    }
  });
}

}  // namespace detail

/// Packs B [k, n] on all threads, of which the first `filled` columns lie at b, and the others are zeros.
template <Along along, class In, class From>
void pack(Index k, Index n, Index filled, In* packed, const From* b, Index step) {
  const auto units = reinterpret_cast<UnitOf<In>*>(packed);
  if constexpr (along == Along::rows) {
    detail::pack_rows<In>(k, n, filled, units, b, step);
  } else {
    detail::pack_columns<In>(k, n, filled, units, b, step);
  }
}
/// The same with all columns at b.
template <Along along, class In, class From>
void pack(Index k, Index n, In* packed, const From* b, Index step) {
  pack<along>(k, n, n, packed, b, step);
}

/// kernel [taps, in, out] -> rows [in, taps * out], on all threads: what one number of the input adds to, of
/// each tap.
template <class T>
void kernel_by_input(Index in, Index out, const T* kernel, T* rows) {
  parallel_ranges(in, 64, [&](Index first, Index last) {
    for (Index t = 0; t < taps; ++t) {
      for (Index i = first; i < last; ++i)
        std::copy_n(kernel + (t * in + i) * out, out, rows + (i * taps + t) * out);
    }
  });
}

}  // namespace glow::ops
