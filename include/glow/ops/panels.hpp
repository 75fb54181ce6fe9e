// Sizes of the bf16 operands [k, n] that tensor cores stream, filled up with zeros. Plain enough for kernels
// to include.
//   for mma.sync (kernels/mlp_tile.cuh)      panels of 128, 256 or 512 columns, in whole steps of 16 rows
//   for wgmma (kernels/weight_ring.cuh)      panels of 128 or 256 columns, in whole blocks of 64 rows
#pragma once

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// The widest panel: all columns that a block of threads can accumulate at once.
inline constexpr Index widest_panel = 512;

/// Columns of the panel that holds n of them; whole vectors where none does.
constexpr Index panel_columns_for(Index n) {
  for (Index columns = 128; columns <= widest_panel; columns *= 2) {
    if (n <= columns) return columns;
  }
  return (n + 15) / 16 * 16;
}

/// Steps of 16 rows that hold k rows.
constexpr Index panel_steps(Index k) { return (k + 15) / 16; }

/// Columns of the panels that the last operand of a network, n columns from a layer of `width`, is cut into:
/// no wider than those of that layer.
constexpr Index last_panel_columns(Index n, Index width) {
  const Index mine = panel_columns_for(n), layer = panel_columns_for(width);
  return mine < layer ? mine : layer;
}

/// Blocks of 64 rows that hold k rows.
constexpr Index block_count(Index k) { return (k + 63) / 64; }

/// Columns of the panels that an operand of n columns, from or to a layer of `width`, is cut into for wgmma:
/// no more than an instruction takes, nor than those of that layer.
constexpr Index block_panel_columns(Index n, Index width) { return n <= 128 || width <= 128 ? 128 : 256; }

}  // namespace glow::ops
