// Launchers of kernels/network_pack.cu: kernels of convolutions, [taps, in, out], as operands of products. T
// is float or double; E is T, or bf16 for T = float. All pointers are to memory of the GPU.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// The matrix of a kernel [taps, in, out] in which the taps lie side by side: row i, column t * out + j.
struct KernelShape {
  Index taps, in, out;
};

/// matrix [in, pitch] = the kernel's matrix [in, taps * out]; columns from there to pitch - 1 are left alone.
template <class T, class E>
void launch_pack_rows(const T* kernel, KernelShape shape, E* matrix, Index pitch, cudaStream_t stream);

/// kernel += matrix [in, pitch], the transpose of launch_pack_rows.
template <class T>
void launch_add_rows_to_kernel(const T* matrix, Index pitch, KernelShape shape, T* kernel,
                               cudaStream_t stream);

/// The kernel's matrix B, or its transpose, as operand of tensor cores: filled up with zeros to 16 * steps
/// rows and `columns` columns, cut into panels of `panel` columns, each laid out as kernels/mlp_tile.cuh
/// streams it. panels [16 * steps * columns] = ...
void launch_pack_panels(const float* kernel, KernelShape shape, bool transposed, Index steps, Index columns,
                        Index panel, __nv_bfloat16* panels, cudaStream_t stream);

/// The same for kernels/weight_ring.cuh: filled up to 64 * blocks rows, panels one after the other, each its
/// blocks of 64 rows. to [64 * blocks * columns] = ...
void launch_pack_blocks(const float* kernel, KernelShape shape, bool transposed, Index blocks, Index columns,
                        Index panel, __nv_bfloat16* to, cudaStream_t stream);

}  // namespace glow::kernels
