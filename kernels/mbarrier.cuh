// Barriers in shared memory that count arrivals and the bytes of bulk copies (cluster.cuh has both across
// blocks); barriers of some of a block's threads. One function for each PTX instruction of compute
// capability 9.0 (PTX ISA, sections "mbarrier" and "bar"):
//
//   An mbarrier goes through phases. A phase ends when all its arrivals have come, and as many bytes as were
//   expected; the next begins at once. Phases have parity 0, 1, 0, ...; mbarrier_wait(b, parity) goes on once
//   the phase of that parity has ended, so on a fresh barrier at once for parity 1.
//
//   Tensor cores and bulk copies reach shared memory by a way of their own, the "async proxy": what threads
//   wrote, they see after fence_async_proxy and then a barrier.
#pragma once

#include <cstdint>

#include "common.cuh"
#include "wait_report.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

#if defined(__CUDACC__)

using Mbarrier = std::uint64_t;

/// The address within shared memory.
__device__ __forceinline__ unsigned shared_address(const void* shared) {
  return static_cast<unsigned>(__cvta_generic_to_shared(shared));
}

/// By one thread; others may use the barrier after fence_mbarrier_init and __syncthreads.
__device__ __forceinline__ void mbarrier_init(Mbarrier* barrier, unsigned arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)), "r"(arrivals)
               : "memory");
}

__device__ __forceinline__ void fence_mbarrier_init() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

__device__ __forceinline__ void mbarrier_arrive(Mbarrier* barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barrier)) : "memory");
}

/// Arrives, and the phase also waits for `bytes` of bulk copies.
__device__ __forceinline__ void mbarrier_arrive_expect_bytes(Mbarrier* barrier, unsigned bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)),
               "r"(bytes)
               : "memory");
}

#if defined(GLOW_CUDA_DEBUG)

/// Gives up after 2^26 tries. A try is a test_wait, which never suspends the thread, so they take a few
/// seconds.
__device__ __forceinline__ void mbarrier_wait(Mbarrier* barrier, unsigned parity) {
  for (unsigned tries = 0; tries < (1u << 26); ++tries) {
    unsigned ended = 0;
    asm volatile(
        "{\n"
        ".reg .pred ended;\n"
        "mbarrier.test_wait.parity.shared::cta.b64 ended, [%1], %2;\n"
        "selp.u32 %0, 1, 0, ended;\n"
        "}"
        : "=r"(ended)
        : "r"(shared_address(barrier)), "r"(parity)
        : "memory");
    if (ended != 0) return;
  }
  give_up_waiting(shared_address(barrier), parity);
}

#else

__device__ __forceinline__ void mbarrier_wait(Mbarrier* barrier, unsigned parity) {
  unsigned ended = 0;
  while (ended == 0) {
    asm volatile(
        "{\n"
        ".reg .pred ended;\n"
        "mbarrier.try_wait.parity.shared::cta.b64 ended, [%1], %2;\n"
        "selp.u32 %0, 1, 0, ended;\n"
        "}"
        : "=r"(ended)
        : "r"(shared_address(barrier)), "r"(parity)
        : "memory");
  }
}

#endif

/// Begins to copy `bytes` to shared memory, which are reported to the barrier; addresses and size are
/// multiples of 16. By one thread.
__device__ __forceinline__ void bulk_copy(void* shared, const void* global, unsigned bytes,
                                          Mbarrier* barrier) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
          shared_address(shared)),
      "l"(global), "r"(bytes), "r"(shared_address(barrier))
      : "memory");
}

__device__ __forceinline__ void fence_async_proxy() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

/// Barrier `id` (1 to 15) of `threads` threads, whole warps.
__device__ __forceinline__ void named_barrier(int id, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(threads) : "memory");
}

#else

using cuda_on_cpu::bulk_copy;
using cuda_on_cpu::fence_async_proxy;
using cuda_on_cpu::fence_mbarrier_init;
using cuda_on_cpu::Mbarrier;
using cuda_on_cpu::mbarrier_arrive;
using cuda_on_cpu::mbarrier_arrive_expect_bytes;
using cuda_on_cpu::mbarrier_init;
using cuda_on_cpu::mbarrier_wait;
using cuda_on_cpu::named_barrier;
using cuda_on_cpu::shared_address;

#endif

}  // namespace glow::kernels
