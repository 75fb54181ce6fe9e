// Launchers of kernels/coupling_network.cu and coupling_network_sm90a.cu: a pass of the coupling network
// through tensor cores, bf16 operands and float32 sums, in one kernel. All pointers are to memory of the GPU.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/ops/panels.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// `values`: the network's output; `traced`: that, and what `backward` needs; `backward`: the cotangent of
/// the output to that of the input.
enum class NetworkPass { values, traced, backward };

/// By which instructions: mma.sync, which all GPUs have, or wgmma, which those of compute capability 9.0
/// have. Weights and masks of the two lie in different orders.
enum class NetworkKernel { mma, wgmma };

/// Pixels that a block takes. Rows of matrices are given for whole tiles of 64.
constexpr Index network_tile_pixels(NetworkKernel kernel) {
  return kernel == NetworkKernel::wgmma ? 128 : 64;
}

/// Blocks that the wgmma kernel runs in a cluster, where there are as many; the last cluster may lack pixels.
inline constexpr Index network_cluster = 2;

/// Products that a pass can take: 9 * channels, `width` and `out` of at most ops::widest_panel columns.
struct NetworkOperands {
  const float* source;                    ///< of the gather: x_b, or the cotangent of the output
  Index stride, height, width, channels;  ///< its pixels lie `stride` apart, in images height x width
  Index pixels;                           ///< of whole images
  Index hidden;                           ///< w
  const __nv_bfloat16*
      weights[3];          ///< [9 channels, w], [w, w], [w, out], in panels or blocks (ops/panels.hpp)
  const float* bias[2];    ///< [w] of the hidden layers; not for `backward`
  float* parts;            ///< [pixels, parts_pitch] = the last product
  Index out, parts_pitch;  ///< its columns, and those to the next pixel: a multiple of 2
  __nv_bfloat16* rows[3];  ///< = what enters each product, but for `values`; rows are as long
                           ///< as whole steps of 16
  unsigned* masks;         ///< which hidden units were active: = for `traced`
};

/// Numbers in `masks` for `pixels` of a network `width` wide, with either kernel.
constexpr Index network_mask_words(Index pixels, Index width) {
  constexpr Index most = network_cluster * network_tile_pixels(NetworkKernel::wgmma);
  return (pixels + most - 1) / most * most * 2 * ops::panel_columns_for(width) / 32;
}

/// By mma.sync, with weights in panels.
void launch_network_pass(NetworkPass pass, const NetworkOperands& operands, cudaStream_t stream);

/// By wgmma, with weights in blocks.
void launch_network_pass_sm90a(NetworkPass pass, const NetworkOperands& operands, cudaStream_t stream);

}  // namespace glow::kernels
