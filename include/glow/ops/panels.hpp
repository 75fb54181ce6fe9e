// Sizes of the bf16 operands that tensor cores stream, see kernels/mlp_tile.cuh: [k, n], filled up with zeros
// to whole steps of 16 rows and to panels of 128, 256 or 512 columns. Plain enough for kernels to include.
#pragma once

#include <glow/core/index.hpp>

namespace glow::ops {

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

}  // namespace glow::ops
