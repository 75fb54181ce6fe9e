// The host's side of kernels/mbarrier.cuh: barriers that count arrivals and bytes, bulk copies, and barriers
// of some of a block's threads.
//
// A bulk copy is done as late as can be: when no thread can go on without one; in random orders also at any
// moment before. Until then its destination holds NaN, so what reads it too early, or is still reading what
// it overwrites, shows.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cuda_on_cpu/scheduler.hpp>
#include <vector_types.h>

namespace glow::cuda_on_cpu {

/// mbarrier.cpp says what the bits are.
struct alignas(8) Mbarrier {
  std::uint64_t bits;
};

/// A copy that has begun.
struct BulkCopy {
  void* to;
  const void* from;
  std::size_t bytes;
  Mbarrier* barrier;
  unsigned block;  // of the cluster, that it goes to
};

/// The copies of a cluster that have begun and are not done, oldest first. No std::vector: see OpenGroups.
class BulkCopies {
 public:
  void begin(const BulkCopy& copy);
  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  /// Takes copy i.
  BulkCopy take(std::size_t i);
  /// Whether one goes to this block of the cluster.
  bool any_to(unsigned block) const;
  void clear() { count_ = 0; }

 private:
  BulkCopy* open_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t count_ = 0;
};

// In mbarrier.cpp, which ThreadSanitizer does not see.
void init(Mbarrier* barrier, unsigned arrivals, Site site);
void arrive(Mbarrier* barrier, unsigned bytes, Site site);
void wait_for_phase(Mbarrier* barrier, unsigned parity, Site site);
void check_copy(const BulkCopy& copy, Site site);
void begin_bulk_copy(const BulkCopy& copy);
/// Makes what the block has stored in shared memory visible to tensor cores and bulk copies.
void fence_async_proxy();
void meet_at(int id, int threads, Site site);
void meet_in_cluster(Site site);

/// Does the copy, and reports it to its barrier.
void finish(const BulkCopy& copy);

#define GLOW_SITE_PARAMETERS const char *file = __builtin_FILE(), int line = __builtin_LINE()

inline void mbarrier_init(Mbarrier* barrier, unsigned arrivals, GLOW_SITE_PARAMETERS) {
  init(barrier, arrivals, {"mbarrier_init", file, line});
}
inline void fence_mbarrier_init() {}
inline void mbarrier_arrive(Mbarrier* barrier, GLOW_SITE_PARAMETERS) {
  arrive(barrier, 0, {"mbarrier_arrive", file, line});
}
inline void mbarrier_arrive_expect_bytes(Mbarrier* barrier, unsigned bytes, GLOW_SITE_PARAMETERS) {
  arrive(barrier, bytes, {"mbarrier_arrive_expect_bytes", file, line});
}
inline void mbarrier_wait(Mbarrier* barrier, unsigned parity, GLOW_SITE_PARAMETERS) {
  wait_for_phase(barrier, parity, {"mbarrier_wait", file, line});
}
inline void named_barrier(int id, int threads, GLOW_SITE_PARAMETERS) {
  meet_at(id, threads, {"named_barrier", file, line});
}

/// To shared memory of block `to` of the cluster. NaN is written here, where sanitizers see who overwrites
/// what.
inline void bulk_copy_to(unsigned to, void* shared, const void* global, unsigned bytes, Mbarrier* barrier,
                         Site site) {
  const auto misaligned = [](const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 16 != 0; };
  if (misaligned(shared) || misaligned(global) || bytes % 16 != 0) {
    fail_thread(site, "addresses and size must be multiples of 16");
  }
  const BulkCopy copy{shared, global, bytes, barrier, to};
  check_copy(copy, site);
  for (unsigned i = 0; i < bytes / 16; ++i) static_cast<uint4*>(shared)[i] = {~0u, ~0u, ~0u, ~0u};
  begin_bulk_copy(copy);
}

inline void bulk_copy(void* shared, const void* global, unsigned bytes, Mbarrier* barrier,
                      GLOW_SITE_PARAMETERS) {
  bulk_copy_to(coordinates.block_in_cluster, shared, global, bytes, barrier, {"bulk_copy", file, line});
}

#undef GLOW_SITE_PARAMETERS

}  // namespace glow::cuda_on_cpu
