// Clusters: blocks that run at the same time on multiprocessors side by side, and reach each other's shared
// memory. One function for each PTX instruction of compute capability 9.0 (PTX ISA, sections
// "barrier.cluster", "mapa" and "cp.async.bulk"). A launch without clusters is one of clusters of one block.
#pragma once

#include "mbarrier.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

#if defined(__CUDACC__)

__device__ __forceinline__ unsigned cluster_blocks() {
  unsigned n;
  asm("mov.u32 %0, %%cluster_nctarank;" : "=r"(n));
  return n;
}

/// The calling thread's block in its cluster.
__device__ __forceinline__ unsigned block_in_cluster() {
  unsigned rank;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}

/// Waits for all threads of all blocks of the cluster; from then on a block may reach for another's shared
/// memory, until that one ends. Of what was written before, the other blocks see mbarriers that
/// fence_mbarrier_init covers: a release of anything else would be a fence of the whole GPU.
__device__ __forceinline__ void cluster_sync() {
  asm volatile("barrier.cluster.arrive.relaxed;\nbarrier.cluster.wait.acquire;" ::: "memory");
}

/// Arrives at the barrier that lies in `block` of the cluster where `barrier` lies in the caller's. Orders
/// nothing that the caller wrote for other blocks: with .release.cluster this would be a fence of the whole
/// GPU.
__device__ __forceinline__ void mbarrier_arrive_in(unsigned block, Mbarrier* barrier) {
  asm volatile(
      "{\n"
      ".reg .b32 there;\n"
      "mapa.shared::cluster.u32 there, %0, %1;\n"
      "mbarrier.arrive.shared::cluster.b64 _, [there];\n"
      "}" ::"r"(shared_address(barrier)),
      "r"(block)
      : "memory");
}

/// Begins to copy `bytes` to the same place in every block of the cluster, which are reported to the barrier
/// in the same place there; all three are multiples of 16. By one thread of a cluster of two or more.
__device__ __forceinline__ void bulk_copy_multicast(void* shared, const void* global, unsigned bytes,
                                                    Mbarrier* barrier) {
  const auto all = static_cast<std::uint16_t>((1u << cluster_blocks()) - 1);
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster "
      "[%0], [%1], %2, [%3], %4;" ::"r"(shared_address(shared)),
      "l"(global), "r"(bytes), "r"(shared_address(barrier)), "h"(all)
      : "memory");
}

#else

using cuda_on_cpu::block_in_cluster;
using cuda_on_cpu::bulk_copy_multicast;
using cuda_on_cpu::cluster_blocks;
using cuda_on_cpu::cluster_sync;
using cuda_on_cpu::mbarrier_arrive_in;

#endif

}  // namespace glow::kernels
