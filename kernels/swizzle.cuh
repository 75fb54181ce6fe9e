// Operands of wgmma in shared memory. A [M, K] and B [K, N] both lie with k innermost, in blocks of 64 k: a
// block has a row of 128 bytes for each m or n, whose eight pieces of 16 bytes are exchanged: piece i of row
// r lies where i ^ (r % 8) would. Blocks begin at multiples of 1024 bytes. So any eight rows' pieces i lie in
// different banks, as do a row's eight pieces: tensor cores, which take the former, and threads, which write
// or read rows, never meet in one. Source: PTX ISA, "Asynchronous warpgroup level matrix shared memory
// layout", K-major, 128-byte swizzling; CUTLASS, cute/atom/mma_traits_sm90_gmma.hpp: Swizzle<3,4,3> o
// ((8,m),(T,2)):((8T,SBO),(1,T)).
#pragma once

#include "common.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

inline constexpr int swizzled_k = 64;        // of a block
inline constexpr int swizzled_piece = 8;     // elements
inline constexpr int swizzled_bytes = 128;   // of a row in it
inline constexpr int swizzle_origin = 1024;  // blocks begin at multiples of it

/// Where element k < 64 of row r lies in its block, in elements of 2 bytes.
__host__ __device__ constexpr unsigned swizzled(unsigned r, unsigned k) {
  return r * swizzled_k + ((k / swizzled_piece ^ r) % 8 * swizzled_piece + k % swizzled_piece);
}

}  // namespace glow::kernels
