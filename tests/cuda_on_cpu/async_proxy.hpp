// What tensor cores and bulk copies, the "async proxy", may see of shared memory: a shadow of a block's
// dynamic part. Ordinary stores do not reach the shadow until fence_async_proxy; bulk copies write both. So
// where memory and shadow differ, something was stored without a fence.
//
// A block's first fences after a barrier take the shadow as they are called. Later ones only count, as a copy
// for each thread would cost too much: the barrier that their threads meet at takes the shadow then.
#pragma once

#include <cstddef>

#include "scheduler.hpp"

namespace glow::cuda_on_cpu {

/// A round of a barrier: how many of those who came have fenced since they last met anyone.
class FencesOfRound {
 public:
  /// The calling thread has come.
  void arrive();
  /// All `threads` have, of the blocks `first` to `last` of the cluster.
  void close(unsigned first, unsigned last, int threads);

 private:
  int fenced_ = 0;
};

/// Makes what the calling thread's block has stored visible, if the thread has fenced and not met anyone
/// since: what it hands on by an mbarrier, or uses itself.
void publish_fenced();

/// Of the calling thread's block.
const char* shadow_of_dynamic_memory();

/// Fails where some of the `bytes` at `memory`, of block `rank`, have been stored without a fence. Only
/// dynamic shared memory is checked.
void check_fenced(unsigned rank, const char* memory, std::size_t bytes, Site site);

/// Bulk copies: of block `rank`, bytes that have been written by them.
void note_async_write(unsigned rank, const void* memory, std::size_t bytes);

}  // namespace glow::cuda_on_cpu
