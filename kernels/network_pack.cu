// Kernels of convolutions [taps, in, out] as operands of matrix products. With the taps side by side the
// kernel is a matrix M [in, taps * out], M[i, t * out + j] = K[t, i, j]:
//   pack_rows     matrix = M                                                 =
//   add_rows      K += M                                                    +=
//   pack_panels   M or its transpose in the order of tensor-core fragments   =
//   pack_blocks   M or its transpose as wgmma takes it from shared memory    =
#include <glow/ops/kernels/network_pack.hpp>

#include "blocks.cuh"
#include "gather.cuh"
#include "swizzle.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// One thread an element of M, row by row.
template <class T, class E>
__global__ void __launch_bounds__(256)
    pack_rows_kernel(const T* __restrict__ kernel, KernelShape s, E* __restrict__ matrix, Index pitch) {
  const Index at = Index{blockIdx.x} * 256 + threadIdx.x;
  if (at >= s.taps * s.in * s.out) return;
  const Index i = at / (s.taps * s.out), column = at % (s.taps * s.out);
  matrix[i * pitch + column] = convert<E>(kernel[(column / s.out * s.in + i) * s.out + column % s.out]);
}

template <class T>
__global__ void __launch_bounds__(256)
    add_rows_kernel(const T* __restrict__ matrix, Index pitch, KernelShape s, T* __restrict__ kernel) {
  const Index at = Index{blockIdx.x} * 256 + threadIdx.x;
  if (at >= s.taps * s.in * s.out) return;
  const Index tap = at / (s.in * s.out), i = at / s.out % s.in, j = at % s.out;
  kernel[at] += matrix[i * pitch + tap * s.out + j];
}

// The matrix or, if `transposed`, its transpose, filled up with zeros.
__device__ __nv_bfloat16 operand_element(const float* __restrict__ kernel, const KernelShape& s,
                                         bool transposed, Index row, Index column) {
  const Index i = transposed ? column : row, j = transposed ? row : column;
  const bool inside = i < s.in && j < s.taps * s.out;
  return convert<__nv_bfloat16>(inside ? kernel[(j / s.out * s.in + i) * s.out + j % s.out] : 0.0f);
}

// One thread an element of the panels. From the outside in: panel, step of 16 rows, chunk of 16 columns,
// lane, register, half of the register. Register r of a lane holds B's fragment r % 2 of the chunk's columns
// 8 (r / 2) and on: see mma_m16n8k16_bf16.
__global__ void __launch_bounds__(256)
    pack_panels_kernel(const float* __restrict__ kernel, KernelShape s, bool transposed, Index steps,
                       Index columns, Index panel, __nv_bfloat16* __restrict__ panels) {
  const Index at = Index{blockIdx.x} * 256 + threadIdx.x;
  if (at >= 16 * steps * columns) return;
  const Index half = at % 2, r = at / 2 % 4, lane = at / 8 % 32, chunk = at / 256 % (panel / 16);
  const Index step = at / (16 * panel) % steps, first = at / (16 * panel * steps) * panel;
  const Index row = 16 * step + 8 * (r % 2) + 2 * (lane % 4) + half;
  const Index column = first + 16 * chunk + 8 * (r / 2) + lane / 4;
  panels[at] = operand_element(kernel, s, transposed, row, column);
}

// One thread an element of the operand, [blocks of 64 rows, columns]. From the outside in, blocks are laid
// out by panel, block, and as swizzle.cuh says.
__global__ void __launch_bounds__(256)
    pack_blocks_kernel(const float* __restrict__ kernel, KernelShape s, bool transposed, Index blocks,
                       Index columns, Index panel, __nv_bfloat16* __restrict__ to) {
  const Index at = Index{blockIdx.x} * 256 + threadIdx.x;
  if (at >= blocks * swizzled_k * columns) return;
  const Index row = at % (blocks * swizzled_k), column = at / (blocks * swizzled_k);
  const Index block = column / panel * blocks + row / swizzled_k;
  const auto r = static_cast<unsigned>(column % panel), k = static_cast<unsigned>(row % swizzled_k);
  to[block * swizzled_k * panel + swizzled(r, k)] = operand_element(kernel, s, transposed, row, column);
}

}  // namespace

template <class T, class E>
void launch_pack_rows(const T* kernel, KernelShape shape, E* matrix, Index pitch, cudaStream_t stream) {
  launch("pack_rows", pack_rows_kernel<T, E>, dim3(blocks_of(shape.taps * shape.in * shape.out, 256)),
         dim3(256), 0, stream, kernel, shape, matrix, pitch);
}

template <class T>
void launch_add_rows_to_kernel(const T* matrix, Index pitch, KernelShape shape, T* kernel,
                               cudaStream_t stream) {
  launch("add_rows_to_kernel", add_rows_kernel<T>, dim3(blocks_of(shape.taps * shape.in * shape.out, 256)),
         dim3(256), 0, stream, matrix, pitch, shape, kernel);
}

void launch_pack_panels(const float* kernel, KernelShape shape, bool transposed, Index steps, Index columns,
                        Index panel, __nv_bfloat16* panels, cudaStream_t stream) {
  launch("pack_panels", pack_panels_kernel, dim3(blocks_of(16 * steps * columns, 256)), dim3(256), 0, stream,
         kernel, shape, transposed, steps, columns, panel, panels);
}

void launch_pack_blocks(const float* kernel, KernelShape shape, bool transposed, Index blocks, Index columns,
                        Index panel, __nv_bfloat16* to, cudaStream_t stream) {
  launch("pack_blocks", pack_blocks_kernel, dim3(blocks_of(blocks * swizzled_k * columns, 256)), dim3(256), 0,
         stream, kernel, shape, transposed, blocks, columns, panel, to);
}

template void launch_pack_rows(const float*, KernelShape, float*, Index, cudaStream_t);
template void launch_pack_rows(const float*, KernelShape, __nv_bfloat16*, Index, cudaStream_t);
template void launch_pack_rows(const double*, KernelShape, double*, Index, cudaStream_t);
template void launch_add_rows_to_kernel(const float*, Index, KernelShape, float*, cudaStream_t);
template void launch_add_rows_to_kernel(const double*, Index, KernelShape, double*, cudaStream_t);

}  // namespace glow::kernels
