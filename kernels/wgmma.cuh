// Tensor cores of compute capability 9.0: products of which both operands lie in shared memory, done while
// the threads go on. One function for each PTX instruction (PTX ISA, "Asynchronous warpgroup level matrix
// instructions"); the 128 threads of a warpgroup (four warps, the first a multiple of four) call them
// together.
//
//   wgmma_m64k16_bf16   D [64, N] += A [64, 16] B [16, N], N = 128 or 256, of descriptors (wgmma_operand).
//                       Of D a thread has rows 16 w + g and 16 w + g + 8, with w its warp, g = lane / 4 and
//                       t = lane % 4: d[i]: row 16 w + g + 8 (i / 2 % 2), column 8 (i / 4) + 2 t + i % 2
//
// From wgmma_fence on, until a wgmma_wait covers them, the sums must not be touched, nor the operands be
// overwritten.
#pragma once

#include "mbarrier.cuh"
#include "swizzle.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Descriptor of 16 k of an operand laid out as swizzle.cuh says: `shared` is the address of the first row's
/// first piece, before pieces are exchanged. The next 16 k of the block lie wgmma_next_k further.
/// Fields, as in CUTLASS's cute/arch/mma_sm90_desc.hpp: bits 0 address / 16, 16 leading offset (unused when
/// swizzled, 1), 32 bytes from eight rows to the next eight / 16, 62 swizzling (1: 128 bytes).
__device__ __forceinline__ std::uint64_t wgmma_operand(const void* shared) {
  constexpr std::uint64_t eight_rows = 8 * swizzled_bytes;
  return std::uint64_t{1} << 62 | (eight_rows / 16) << 32 | std::uint64_t{1} << 16 |
         (shared_address(shared) & 0x3FFFFu) / 16;
}
inline constexpr std::uint64_t wgmma_next_k = 16 * 2 / 16;

#if defined(__CUDACC__)

__device__ __forceinline__ void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }

/// Closes a group of products.
__device__ __forceinline__ void wgmma_commit() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

/// Waits until at most the N newest groups are open.
template <int N>
__device__ __forceinline__ void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(N) : "memory");
}

/// Gives registers of the calling warpgroup's threads back until they have N, and takes as many as are free
/// to have N. A multiple of 8; a block begins with what its launch bounds allow.
template <int N>
__device__ __forceinline__ void shrink_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(N));
}
template <int N>
__device__ __forceinline__ void grow_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(N));
}

/// Keeps the compiler from moving what it does with d to the other side.
template <int N>
__device__ __forceinline__ void wgmma_pin(float (&d)[N]) {
#pragma unroll
  for (int i = 0; i < N; ++i) asm volatile("" : "+f"(d[i])::"memory");
}

/// x, of which the compiler knows nothing: so that it makes anew what it would otherwise keep in registers
/// beside the sums.
__device__ __forceinline__ unsigned forgotten(unsigned x) {
  asm volatile("" : "+r"(x)::"memory");
  return x;
}

#define GLOW_SUMS_4(i) "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3])
#define GLOW_SUMS_16(i) GLOW_SUMS_4(i), GLOW_SUMS_4(i + 4), GLOW_SUMS_4(i + 8), GLOW_SUMS_4(i + 12)

/// D [64, 128] += A B.
__device__ __forceinline__ void wgmma_m64k16_bf16(float (&d)[64], std::uint64_t a, std::uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
      "}, %64, %65, 1, 1, 1, 0, 0;"
      : GLOW_SUMS_16(0), GLOW_SUMS_16(16), GLOW_SUMS_16(32), GLOW_SUMS_16(48)
      : "l"(a), "l"(b));
}
/// D [64, 256] += A B.
__device__ __forceinline__ void wgmma_m64k16_bf16(float (&d)[128], std::uint64_t a, std::uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
      "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
      "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
      "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, "
      "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"
      "}, %128, %129, 1, 1, 1, 0, 0;"
      : GLOW_SUMS_16(0), GLOW_SUMS_16(16), GLOW_SUMS_16(32), GLOW_SUMS_16(48), GLOW_SUMS_16(64),
        GLOW_SUMS_16(80), GLOW_SUMS_16(96), GLOW_SUMS_16(112)
      : "l"(a), "l"(b));
}

#undef GLOW_SUMS_4
#undef GLOW_SUMS_16

#else

__device__ inline unsigned forgotten(unsigned x) { return x; }

using cuda_on_cpu::grow_registers;
using cuda_on_cpu::shrink_registers;
using cuda_on_cpu::wgmma_commit;
using cuda_on_cpu::wgmma_fence;
using cuda_on_cpu::wgmma_m64k16_bf16;
using cuda_on_cpu::wgmma_pin;
using cuda_on_cpu::wgmma_wait;

#endif

}  // namespace glow::kernels
