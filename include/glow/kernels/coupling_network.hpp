// Launcher of kernels/coupling_network.cu: a pass of the coupling network through tensor cores, bf16 operands
// and float32 sums, in one kernel. All pointers are to memory of the GPU.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/ops/panels.hpp>

namespace glow::kernels {

/// `values`: the network's output; `traced`: that, and what `backward` needs; `backward`: the cotangent of
/// the output to that of the input.
enum class NetworkPass { values, traced, backward };

/// Pixels that a block takes. Rows of matrices are given for whole tiles.
inline constexpr Index network_tile_pixels = 64;

/// Products that a pass can take: 9 * channels, `width` and `out` of at most ops::widest_panel columns.
struct NetworkOperands {
  const float* source;                    ///< of the gather: x_b, or the cotangent of the output
  Index stride, height, width, channels;  ///< its pixels lie `stride` apart, in images height x width
  Index pixels;                           ///< of whole images
  Index hidden;                           ///< w
  const __nv_bfloat16* weights[3];        ///< panels [9 channels, w], [w, w], [w, out]
  const float* bias[2];                   ///< [w] of the hidden layers; not for `backward`
  float* parts;                           ///< [pixels, parts_pitch] = the last product
  Index out, parts_pitch;                 ///< its columns, and those to the next pixel: a multiple of 2
  __nv_bfloat16* rows[3];                 ///< = what enters each product, but for `values`; rows are as long
                                          ///< as whole steps of 16
  unsigned* masks;                        ///< which hidden units were active: = for `traced`
};

/// Numbers in `masks` for `pixels` of a network `width` wide.
constexpr Index network_mask_words(Index pixels, Index width) {
  return (pixels + network_tile_pixels - 1) / network_tile_pixels * 2 * network_tile_pixels *
         ops::panel_columns_for(width) / 32;
}

void launch_network_pass(NetworkPass pass, const NetworkOperands& operands, cudaStream_t stream);

}  // namespace glow::kernels
