// The sums of a warp's product on tensor cores, 16 rows at a time.
#pragma once

namespace glow::cuda_on_cpu {

inline constexpr int tile_rows = 16;

/// sums [n][row] += (sum over k = 0 ... K - 1 of left [k][row] right [n][k]) for n < columns, a
/// multiple of 4. The inner sum
/// starts at zero and takes one k after the other; products of bf16 or TF32 numbers are exact in float, so it
/// has the same bits with and without fused multiply-adds. No device promises this order: compare with a
/// tolerance.
template <int K>
void multiply_tile(const float (*left)[tile_rows], const float (*right)[K], int columns,
                   float (*sums)[tile_rows]);

extern template void multiply_tile<8>(const float (*)[tile_rows], const float (*)[8], int,
                                      float (*)[tile_rows]);
extern template void multiply_tile<16>(const float (*)[tile_rows], const float (*)[16], int,
                                       float (*)[tile_rows]);

}  // namespace glow::cuda_on_cpu
