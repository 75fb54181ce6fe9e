// CUDA's own headers for the host compiler, and what they leave out of the language of kernels: included by
// kernels/common.cuh in place of nvcc.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#undef __shared__
#undef __launch_bounds__
#undef __grid_constant__
#undef __maxnreg__
#define __launch_bounds__(...)
#define __grid_constant__
#define __maxnreg__(...)

#include <cuda_on_cpu/atomics.hpp>
#include <cuda_on_cpu/cluster.hpp>
#include <cuda_on_cpu/intrinsics.hpp>
#include <cuda_on_cpu/launch.hpp>
#include <cuda_on_cpu/mbarrier.hpp>
#include <cuda_on_cpu/ptx.hpp>
#include <cuda_on_cpu/scheduler.hpp>
#include <cuda_on_cpu/warp.hpp>
#include <cuda_on_cpu/wgmma.hpp>

// No macros: cudaLaunchConfig_t has members of these names. The scheduler writes what they refer to.
inline const uint3& threadIdx = glow::cuda_on_cpu::coordinates.thread;
inline const uint3& blockIdx = glow::cuda_on_cpu::coordinates.block;
inline const dim3& blockDim = glow::cuda_on_cpu::coordinates.block_dim;
inline const dim3& gridDim = glow::cuda_on_cpu::coordinates.grid_dim;
inline constexpr int warpSize = 32;

// One slot for each declaration, as __shared__ gives one variable to each; the block that runs fills it at
// first use.
#define GLOW_SHARED_ALIGNED(alignment, T, name, ...)  \
  static ::glow::cuda_on_cpu::SharedSlot name##_slot; \
  using name##_type = T __VA_ARGS__;                  \
  name##_type& name = *static_cast<name##_type*>(     \
      ::glow::cuda_on_cpu::shared_memory(name##_slot, sizeof(name##_type), alignment))
#define GLOW_SHARED(T, name, ...) GLOW_SHARED_ALIGNED(alignof(T), T, name, __VA_ARGS__)
#define GLOW_DYN_SHARED_ALIGNED(alignment, T, name) \
  T* const name = static_cast<T*>(::glow::cuda_on_cpu::dynamic_shared_memory(alignment))
#define GLOW_DYN_SHARED(T, name) GLOW_DYN_SHARED_ALIGNED(16, T, name)

// Barriers.

inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  glow::cuda_on_cpu::barrier({"__syncthreads", file, line}, false);
}
inline int __syncthreads_count(int predicate, const char* file = __builtin_FILE(),
                               int line = __builtin_LINE()) {
  return glow::cuda_on_cpu::barrier({"__syncthreads_count", file, line}, predicate != 0).count;
}
inline int __syncthreads_or(int predicate, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return glow::cuda_on_cpu::barrier({"__syncthreads_or", file, line}, predicate != 0).count > 0;
}
inline int __syncthreads_and(int predicate, const char* file = __builtin_FILE(),
                             int line = __builtin_LINE()) {
  const glow::cuda_on_cpu::Votes v =
      glow::cuda_on_cpu::barrier({"__syncthreads_and", file, line}, predicate != 0);
  return v.count == v.threads;
}
