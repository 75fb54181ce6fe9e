// Of builds with GLOW_CUDA_DEBUG: which warps wait for an mbarrier in vain. Printing from a kernel is a
// function call, for which ptxas ignores setmaxnreg and serializes wgmma, so the kernel that is looked at
// would no longer be the one that hangs. A warp that gives up therefore stores one number in page-locked
// memory of the host, which outlives the kernel, and the host prints it when the program ends.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "common.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

#if defined(__CUDACC__) && defined(GLOW_CUDA_DEBUG)

/// A report for each warp of blocks 0 to 15; block 16 n + i shares those of block i.
constexpr unsigned watched_warps = 16, watched_blocks = 16;

/// [watched_blocks, watched_warps]: 0, or 1 << 63 | block << 32 | warp << 24 | address << 1 | parity.
static __device__ unsigned long long* wait_reports;

/// Tells where this thread waits, leaves the others 10 ms to do the same, and stops the kernel.
__device__ __forceinline__ void give_up_waiting(unsigned address, unsigned parity) {
  const unsigned warp = threadIdx.x / 32, block = blockIdx.x;
  volatile unsigned long long* at =
      wait_reports + (block % watched_blocks) * watched_warps + warp % watched_warps;
  *at = 1ull << 63 | static_cast<unsigned long long>(block) << 32 | warp << 24 | (address & 0x7fffff) << 1 |
        parity;
  __threadfence_system();
  for (int i = 0; i < 10; ++i) __nanosleep(1000000);
  __trap();
}

/// Before a launch: makes the host's memory for reports, once, and has them printed when the program ends.
inline void watch_waits() {
  static unsigned long long* const reports = [] {
    unsigned long long* host = nullptr;
    const std::size_t bytes = sizeof(*host) * watched_blocks * watched_warps;
    if (cudaHostAlloc(reinterpret_cast<void**>(&host), bytes, cudaHostAllocMapped) != cudaSuccess ||
        cudaMemcpyToSymbol(wait_reports, &host, sizeof(host)) != cudaSuccess) {
      throw CudaError("no page-locked memory for reports of who waits for an mbarrier");
    }
    for (unsigned i = 0; i < watched_blocks * watched_warps; ++i) host[i] = 0;
    return host;
  }();
  static const int printed_at_exit = std::atexit([] {
    for (unsigned i = 0; i < watched_blocks * watched_warps; ++i) {
      const unsigned long long r = reports[i];
      if (r == 0) continue;
      std::fprintf(
          stderr,
          "mbarrier_wait gave up: block %llu, warp %llu, barrier at shared address %#llx, parity %llu\n",
          r >> 32 & 0x7fffffff, r >> 24 & 0xff, r >> 1 & 0x7fffff, r & 1);
    }
  });
  static_cast<void>(printed_at_exit);
}

#else

inline void watch_waits() {}

#endif

}  // namespace glow::kernels
