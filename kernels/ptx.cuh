// Tensor cores and asynchronous copies: one function for each PTX instruction, with the same arguments.
// Fragments are those of the PTX ISA (section "Matrix multiply-accumulate"); with g = lane / 4 and t = lane %
// 4, both counted from 0:
//
//   mma_m16n8k16_bf16   A [16, 16]  a[i]: row g + 8 (i % 2), columns 2t + 8 (i / 2) and the next (low half
//   first)
//                       B [16, 8]   b[i]: rows 2t + 8 i and the next (low half first), column g
//   mma_m16n8k8_tf32    A [16, 8]   a[i]: row g + 8 (i % 2), column t + 4 (i / 2)
//                       B [8, 8]    b[i]: row t + 4 i, column g
//   both                D [16, 8]   d[i]: row g + 8 (i / 2), column 2t + i % 2
//
//   ldmatrix_x4         four 8x8 matrices of 16-bit numbers; lane l brings the address of row l % 8 of matrix
//   l / 8;
//                       r[i]: of matrix i, row g, columns 2t and 2t + 1 (_trans: rows 2t and 2t + 1, column
//                       g)
//
// All lanes of a warp must call them together, but for the cp_async functions, which each thread calls for
// itself.
#pragma once

#include "common.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

#if defined(__CUDACC__)

/// D += A B.
__device__ __forceinline__ void mma_m16n8k16_bf16(float (&d)[4], const unsigned (&a)[4],
                                                  const unsigned (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/// D += A B; of the operands' bits the unit reads the upper 19 (see `to_tf32`).
__device__ __forceinline__ void mma_m16n8k8_tf32(float (&d)[4], const unsigned (&a)[4],
                                                 const unsigned (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/// The bits of x rounded to nearest in TF32, ties away from zero.
__device__ __forceinline__ unsigned to_tf32(float x) {
  unsigned bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
}

__device__ __forceinline__ void ldmatrix_x4(unsigned (&r)[4], const void* shared_row) {
  const auto address = static_cast<unsigned>(__cvta_generic_to_shared(shared_row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}

__device__ __forceinline__ void ldmatrix_x4_trans(unsigned (&r)[4], const void* shared_row) {
  const auto address = static_cast<unsigned>(__cvta_generic_to_shared(shared_row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}

/// Begins to copy 16 bytes, or to write 16 zeros unless `valid` (then `global` is not read). Both aligned to
/// 16 bytes.
__device__ __forceinline__ void cp_async_16(void* shared, const void* global, bool valid) {
  const auto address = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(global), "r"(bytes)
               : "memory");
}

/// Closes a group of copies.
__device__ __forceinline__ void cp_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

/// Waits until at most the N newest groups of this thread's copies are open. Other threads see the copies
/// after a barrier.
template <int N>
__device__ __forceinline__ void cp_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}

#else

using cuda_on_cpu::cp_async_16;
using cuda_on_cpu::cp_async_commit;
using cuda_on_cpu::cp_async_wait;
using cuda_on_cpu::ldmatrix_x4;
using cuda_on_cpu::ldmatrix_x4_trans;
using cuda_on_cpu::mma_m16n8k16_bf16;
using cuda_on_cpu::mma_m16n8k8_tf32;
using cuda_on_cpu::to_tf32;

#endif

}  // namespace glow::kernels
