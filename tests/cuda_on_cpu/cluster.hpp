// The host's side of kernels/cluster.cuh: the blocks of a cluster run at the same time.
#pragma once

#include <cuda_on_cpu/mbarrier.hpp>

namespace glow::cuda_on_cpu {

inline unsigned cluster_blocks() { return coordinates.cluster_blocks; }
inline unsigned block_in_cluster() { return coordinates.block_in_cluster; }

/// Threads that have ended are waited for, which a device does not.
inline void cluster_sync(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  meet_in_cluster({"cluster_sync", file, line});
}

inline void mbarrier_arrive_in(unsigned block, Mbarrier* barrier, const char* file = __builtin_FILE(),
                               int line = __builtin_LINE()) {
  arrive(static_cast<Mbarrier*>(shared_memory_of(block, barrier)), 0, {"mbarrier_arrive_in", file, line});
}

inline void bulk_copy_multicast(void* shared, const void* global, unsigned bytes, Mbarrier* barrier,
                                const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  for (unsigned to = 0; to < cluster_blocks(); ++to) {
    bulk_copy_to(to, shared_memory_of(to, shared), global, bytes,
                 static_cast<Mbarrier*>(shared_memory_of(to, barrier)), {"bulk_copy_multicast", file, line});
  }
}

}  // namespace glow::cuda_on_cpu
