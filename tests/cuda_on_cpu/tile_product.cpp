#include "tile_product.hpp"

namespace glow::cuda_on_cpu {

namespace {

// Eight rows. Not aligned: the callers' arrays lie on stacks of any alignment.
using Rows = float __attribute__((vector_size(32), aligned(4), may_alias));
constexpr int row_vectors = tile_rows / 8;
constexpr int columns_at_once = 4;  // independent sums, so that none waits for the one before

}  // namespace

template <int K>
void multiply_tile(const float (*left)[tile_rows], const float (*right)[K], int columns,
                   float (*sums)[tile_rows]) {
  const auto* const rows = reinterpret_cast<const Rows*>(left);
  for (int first = 0; first < columns; first += columns_at_once) {
    Rows sum[columns_at_once][row_vectors] = {};
    for (int k = 0; k < K; ++k) {
      for (int n = 0; n < columns_at_once; ++n) {
        for (int v = 0; v < row_vectors; ++v) sum[n][v] += rows[row_vectors * k + v] * right[first + n][k];
      }
    }
    for (int n = 0; n < columns_at_once; ++n) {
      for (int v = 0; v < row_vectors; ++v) reinterpret_cast<Rows*>(sums[first + n])[v] += sum[n][v];
    }
  }
}

template void multiply_tile<8>(const float (*)[tile_rows], const float (*)[8], int, float (*)[tile_rows]);
template void multiply_tile<16>(const float (*)[tile_rows], const float (*)[16], int, float (*)[tile_rows]);

}  // namespace glow::cuda_on_cpu
