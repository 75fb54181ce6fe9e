// Small parts of kernels: how many blocks, vectors of up to 16 bytes, sums in a fixed order.
#pragma once

#include <cstdint>
#include <type_traits>

#include <glow/core/index.hpp>

#include "common.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Blocks of `threads` that cover `count` items.
inline unsigned blocks_of(Index count, Index threads) {
  return static_cast<unsigned>((count + threads - 1) / threads);
}

/// N elements that are read and written at once.
template <class T, int N>
struct alignas(N * sizeof(T) < 16 ? N * sizeof(T) : 16) Vector {
  T v[N];
};

/// Elements in 16 bytes, the most that one instruction moves.
template <class T>
inline constexpr int widest = 16 / static_cast<int>(sizeof(T));

template <int N, class T>
__device__ __forceinline__ Vector<T, N> load(const T* p) {
  return *reinterpret_cast<const Vector<T, N>*>(p);
}
template <int N, class T>
__device__ __forceinline__ void store(T* p, const Vector<T, N>& x) {
  *reinterpret_cast<Vector<T, N>*>(p) = x;
}

/// Calls fn(std::integral_constant<int, N>) with the widest vector of T that `extent` is a multiple of and
/// that all pointers are aligned to.
template <class T, class F, class... P>
void with_width(F fn, Index extent, const P*... pointers) {
  const auto bits = static_cast<std::uintptr_t>(extent) * sizeof(T) |
                    (std::uintptr_t{0} | ... | reinterpret_cast<std::uintptr_t>(pointers));
  if (bits % 16 == 0) return fn(std::integral_constant<int, widest<T>>{});
  if constexpr (sizeof(T) == 4) {
    if (bits % 8 == 0) return fn(std::integral_constant<int, widest<T> / 2>{});
  }
  fn(std::integral_constant<int, 1>{});
}

/// The sum of all lanes' x, the same bits in each.
template <class T>
__device__ __forceinline__ T warp_sum(T x) {
  for (int distance = 16; distance > 0; distance /= 2) x += __shfl_xor_sync(0xFFFFFFFFu, x, distance);
  return x;
}

/// The sum of all threads' x in a block of `threads`, the same bits in each; all of them must call it.
template <int threads, class T>
__device__ T block_sum(T x) {
  GLOW_SHARED(T, of_warp, [threads / 32]);
  x = warp_sum(x);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = x;
  __syncthreads();
  T sum = 0;
  for (int w = 0; w < threads / 32; ++w) sum += of_warp[w];
  __syncthreads();  // before the next call writes
  return sum;
}

}  // namespace glow::kernels
