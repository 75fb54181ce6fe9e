#include "tile_product.hpp"

namespace glow::cuda_on_cpu {

namespace {

using Rows = float __attribute__((vector_size(32)));  // eight of them

// The callers' arrays lie on stacks of any alignment.
Rows load(const float* from) {
  Rows rows;
  __builtin_memcpy(&rows, from, sizeof rows);
  return rows;
}
void store(const Rows& rows, float* to) { __builtin_memcpy(to, &rows, sizeof rows); }

constexpr int row_vectors = tile_rows / 8;
constexpr int columns_at_once = 4;  // independent sums, so that none waits for the one before

}  // namespace

template <int K>
void multiply_tile(const float (*left)[tile_rows], const float (*right)[K], int columns,
                   float (*sums)[tile_rows]) {
  for (int first = 0; first < columns; first += columns_at_once) {
    Rows sum[columns_at_once][row_vectors] = {};
    for (int k = 0; k < K; ++k) {
      for (int n = 0; n < columns_at_once; ++n) {
        for (int v = 0; v < row_vectors; ++v) sum[n][v] += load(left[k] + 8 * v) * right[first + n][k];
      }
    }
    for (int n = 0; n < columns_at_once; ++n) {
      for (int v = 0; v < row_vectors; ++v) {
        float* const to = sums[first + n] + 8 * v;
        store(load(to) + sum[n][v], to);
      }
    }
  }
}

template void multiply_tile<8>(const float (*)[tile_rows], const float (*)[8], int, float (*)[tile_rows]);
template void multiply_tile<16>(const float (*)[tile_rows], const float (*)[16], int, float (*)[tile_rows]);

}  // namespace glow::cuda_on_cpu
