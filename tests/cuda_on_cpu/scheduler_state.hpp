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
#include "fiber.hpp"
#include "limits.hpp"
#include "mbarrier.hpp"
#include "open_groups.hpp"
#include "orderings.hpp"
#include "scheduler.hpp"
#include "settings.hpp"
#include "shared_arena.hpp"
#include "wgmma.hpp"

namespace glow::cuda_on_cpu {

enum class State : unsigned char { fresh, ready, at_barrier, in_warp, at_event, done };

struct Thread {
  Fiber* fiber = nullptr;
  State state = State::fresh;
  bool runs_function = false;  // the last lane of its group ended: this one, once resumed, does its work
  bool fenced = false;
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

// One of the barriers for some of a block's threads.
struct NamedBarrier {
  int threads = 0;
  int arrived = 0;
  unsigned rounds = 0;
};
inline constexpr int named_barriers = 16;

struct Warp {
  unsigned live = 0;
  int open_groups = 0;
};

inline bool same(const Site& a, const Site& b) {
  return a.line == b.line && std::strcmp(a.what, b.what) == 0 &&
         (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

struct Scheduler {
  std::string run(const Grid& g);

  // For the thread that runs.
  void wait(State state, Site site);  // until another makes it ready
  void complete(Group& g);            // what the last lane to arrive does
  void switch_to(Fiber* to);
  void wait_for(const void* event, Site site);
  void wake(const void* event);  // all who wait for it

  void* tag(unsigned i) { return tsan ? tags + 8 * i : nullptr; }
  void* barrier_tag(unsigned generation) { return tag(generation % 2); }
  void* arrival_tag(const Group& g) { return tag(2 + 2 * static_cast<unsigned>(&g - group)); }
  void* named_tag(int id, unsigned round) {
    return tag(2 + 2 * max_threads + 2 * static_cast<unsigned>(id) + round % 2);
  }
  void* done_tag(const Group& g) { return tag(3 + 2 * static_cast<unsigned>(&g - group)); }

  Grid grid;
  Order order_kind = Order::forward;
  std::uint64_t random_state = 1;
  std::uint64_t grids = 0;
  std::string error;
  const char* failed_what = nullptr;  // set by a thread that fails; the host's context does the rest
  const char* failed_message = nullptr;

  // The block that runs now.
  std::uint64_t block_serial = 0;
  std::uint64_t first_serial = 0;  // of this grid
  unsigned threads = 0;
  unsigned live = 0;
  unsigned current = 0;
  unsigned next_fresh = 0;
  unsigned ready_head = 0;
  unsigned ready_count = 0;
  unsigned waiting = 0;  // at the barrier
  unsigned barriers = 0;
  int votes = 0;
  Votes last_votes;
  uint3 index[max_threads];
  unsigned order[max_threads];
  unsigned ready[max_threads];
  Thread thread[max_threads];
  Warp warp[max_threads / 32];
  Group group[max_threads];
  char* tags = nullptr;  // for ThreadSanitizer: addresses used by no other block of the grid
  SharedArena shared;
  SharedSlot dynamic_slot;
  OpenGroups<AsyncCopy> copies[max_threads];
  OpenGroups<Wgmma> products[max_threads];
  BulkCopies bulk_copies;
  unsigned bulk_copy_delay = 0;  // switches of threads, on average, in random orders
  NamedBarrier named[named_barriers];
  std::size_t dynamic_alignment = 0;

  Fiber host;
  Fiber* running = &host;
  std::vector<Fiber*> idle;
  std::vector<Fiber*> of_thread[2];  // under ThreadSanitizer, of odd and even blocks
  unsigned fibers = 0;

 private:
  static void fiber_main();
  void set_up(const Grid& g);
  void begin_block(uint3 block);
  void run_block(uint3 block);
  void abandon_block();
  void run_thread();
  void resume_groups_without(unsigned w);
  void release_barrier();

  void do_bulk_copies();
  void finish_bulk_copy();

  unsigned random_below(unsigned n);
  void fill_order(unsigned* to, unsigned n);
  void make_ready(unsigned t);
  unsigned take_ready();
  Fiber* choose(Fiber* mine);

  std::string place() const;
  std::string where_they_wait() const;
  void report_failure();
};

extern Scheduler& scheduler;

}  // namespace glow::cuda_on_cpu
