// The scheduler's state. Its files are compiled without -fsanitize=thread even where the rest is:
// ThreadSanitizer is to see what kernels do, and of what happens here only the orderings that CUDA promises.
// So nothing here may write what instrumented code also writes, and no template instance that CUDA threads
// run here may exist elsewhere too (the linker might take its instrumented copy).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "async_copy.hpp"
#include "async_proxy.hpp"
#include "fiber.hpp"
#include "limits.hpp"
#include "mbarrier.hpp"
#include "open_groups.hpp"
#include "orderings.hpp"
#include "scheduler.hpp"
#include "settings.hpp"
#include "shared_arena.hpp"
#include "warp_products.hpp"
#include "wgmma.hpp"

namespace glow::cuda_on_cpu {

enum class State : unsigned char { fresh, ready, at_barrier, in_warp, at_event, done };

struct Thread {
  Fiber* fiber = nullptr;
  State state = State::fresh;
  bool runs_function = false;  // the last lane of its group ended: this one, once resumed, does its work
  bool fenced = false;         // by __threadfence
  bool wgmma_fenced = false;   // by wgmma_fence
  bool proxy_fenced = false;   // by fence_async_proxy, since it last met others
  std::uint64_t products = 0;  // by wgmma, that it has issued
  Site site;
  const void* event = nullptr;  // what a thread at_event waits for
};

// Lanes of one warp that wait for one another, under the lowest lane of their mask.
struct Group {
  unsigned mask = 0;
  unsigned arrived = 0;
  WarpFunction function = nullptr;
  Site site;
  void* lanes[32] = {};
};

// One of the barriers for some of a block's threads; or that of a cluster.
struct NamedBarrier {
  int threads = 0;
  int arrived = 0;
  unsigned rounds = 0;
  FencesOfRound fences;
};
inline constexpr int named_barriers = 16;

// A block of the cluster that runs.
struct Block {
  uint3 index{};
  unsigned live = 0;      // threads
  unsigned waiting = 0;   // at the barrier
  unsigned barriers = 0;  // so far
  int votes = 0;
  Votes last_votes;
  FencesOfRound fences;
  std::size_t static_shared = 0;  // bytes of GLOW_SHARED so far
  std::size_t dynamic_alignment = 0;
  NamedBarrier named[named_barriers];
  char* shadow = nullptr;        // of its dynamic shared memory: async_proxy.hpp
  int proxy_fences = 0;          // since threads of it last met
  unsigned registers = 0;        // of a thread at launch
  unsigned spare_registers = 0;  // that warpgroups have given back
};

// A declaration that a block of the cluster has come to.
struct Declaration {
  SharedSlot* slot;
  std::size_t bytes;
};
inline constexpr unsigned most_declarations = 64;

struct Warp {
  unsigned live = 0;
  int open_groups = 0;
  std::uint64_t issued_products = 0;
  std::uint64_t finished_products = 0;
};

// What a warpgroup's threads ask for by setmaxnreg, and what they have after the last time.
struct RegisterRequest {
  unsigned registers = 0;
  bool grow = false;
  unsigned arrived = 0;  // threads
  unsigned held = 0;     // 0: as at launch
};

// Not memcpy, which ThreadSanitizer intercepts.
inline void copy_unseen(void* to, const void* from, std::size_t bytes) {
#if defined(GLOW_EMULATION_TSAN)
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes)::"memory");
#else
  std::memcpy(to, from, bytes);
#endif
}

inline bool same(const Site& a, const Site& b) {
  return a.line == b.line && (a.what == b.what || std::strcmp(a.what, b.what) == 0) &&
         (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

struct Scheduler {
  std::string run(const Grid& g);

  // For the thread that runs.
  void wait(State state, Site site);  // until another makes it ready
  void complete(Group& g);            // what the last lane to arrive does
  void switch_to(Fiber* to);
  void wait_for(const void* event, Site site);
  void wake(const void* event);       // all who wait for it
  void give_up(const char* message);  // ends the grid as soon as no thread runs

  unsigned rank_of(unsigned t) const { return grid.cluster == 1 ? 0 : t / block_threads; }
  unsigned rank() const { return rank_of(current); }
  Block& here() { return blocks[rank()]; }

  static constexpr unsigned no_block = max_cluster;

  // Two for each lane's group, for each block's barrier, each of its named barriers and the cluster's.
  static constexpr unsigned barrier_tags = 2 * max_threads, named_tags = barrier_tags + 2 * max_cluster,
                            cluster_tags = named_tags + 2 * max_cluster * named_barriers,
                            tag_count = cluster_tags + 2;
  void* tag(unsigned i) { return tsan ? tags + 8 * i : nullptr; }
  void* barrier_tag() { return tag(barrier_tags + 2 * rank() + here().barriers % 2); }
  void* arrival_tag(const Group& g) { return tag(2 * static_cast<unsigned>(&g - group)); }
  void* done_tag(const Group& g) { return tag(1 + 2 * static_cast<unsigned>(&g - group)); }
  void* named_tag(int id, unsigned round) {
    return tag(named_tags + 2 * (rank() * named_barriers + static_cast<unsigned>(id)) + round % 2);
  }
  void* cluster_tag(unsigned round) { return tag(cluster_tags + round % 2); }

  Grid grid;
  Order order_kind = Order::forward;
  std::uint64_t random_state = 1;
  std::uint64_t grids = 0;
  std::string error;
  const char* failed_what = nullptr;  // set by a thread that fails; the host's context does the rest
  const char* failed_message = nullptr;
  Site failed_site;  // no line: not known

  // The cluster that runs now.
  std::uint64_t serial = 0;
  std::uint64_t first_serial = 0;  // of this grid
  unsigned block_threads = 0;
  unsigned threads = 0;  // of all its blocks, one block's after the other's
  unsigned live = 0;
  unsigned current = 0;
  unsigned next_fresh = 0;
  unsigned ready_head = 0;
  unsigned ready_count = 0;
  Block blocks[max_cluster];
  NamedBarrier cluster_barrier;
  bool any_products = false;  // by wgmma
  Declaration declarations[most_declarations];
  unsigned declared = 0;
  uint3 index[max_threads];
  unsigned order[max_threads];
  unsigned ready[max_threads];
  Thread thread[max_threads];
  Warp warp[max_threads / 32];
  Group group[max_threads];
  RegisterRequest register_request[max_threads / 32];  // of a warpgroup, under its first warp
  IssuedProduct* issued[max_threads / 32] = {};        // the newest most_open_products of each warp
  char* tags = nullptr;  // for ThreadSanitizer: addresses used by no other cluster of the grid
  SharedArena shared;
  SharedSlot dynamic_slot;
  OpenGroups<AsyncCopy> copies[max_threads];
  OpenGroups<Wgmma> products[max_threads];
  BulkCopies bulk_copies;
  unsigned favoured = no_block;             // of the cluster, that goes first whenever it can
  unsigned ready_of[max_cluster + 1] = {};  // threads of each block; of no_block none
  unsigned bulk_copy_delay = 0;             // switches of threads, on average, in random orders

  Fiber host;
  Fiber* running = &host;
  std::vector<Fiber*> idle;
  std::vector<Fiber*> of_thread[2];  // under ThreadSanitizer, of odd and even clusters
  unsigned fibers = 0;

 private:
  static void fiber_main();
  void set_up(const Grid& g);
  void begin_cluster(uint3 first);
  void run_cluster(uint3 first);
  void abandon_cluster();
  void run_thread();
  void resume_groups_without(unsigned w);
  bool release_barriers();
  void release_barrier(unsigned rank);

  void do_bulk_copies();
  void finish_bulk_copy();

  void seed(std::uint64_t x);
  unsigned random_below(unsigned n);
  void fill_order(unsigned* to, unsigned n);
  void order_blocks();
  void make_ready(unsigned t);
  unsigned take_ready();
  Fiber* choose(Fiber* mine);

  std::string place() const;
  std::string where_they_wait() const;
  void report_failure();
};

extern Scheduler& scheduler;

/// The calling thread ends: its warpgroup must not have issued more products than it. In warpgroup.cpp.
void end_products();

}  // namespace glow::cuda_on_cpu
