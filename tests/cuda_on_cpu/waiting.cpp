// What the threads of a kernel ask of the scheduler: to wait for others, for shared memory, for copies.
#include <cstdlib>

#include "scheduler_state.hpp"

namespace glow::cuda_on_cpu {

Votes barrier(Site site, bool predicate) {
  Scheduler& s = scheduler;
  Block& b = s.here();
  if (b.waiting == 0) ++b.barriers;
  void* const tag = s.barrier_tag();
  release(tag);
  ++b.waiting;
  b.votes += predicate ? 1 : 0;
  s.wait(State::at_barrier, site);
  acquire(tag);
  return b.last_votes;
}

void warp_wait(unsigned mask, void* argument, WarpFunction function, Site site) {
  Scheduler& s = scheduler;
  const unsigned lane = s.current % 32;
  Warp& w = s.warp[s.current / 32];
  if ((mask >> lane & 1) == 0) fail_thread(site.what, "the mask lacks the calling lane");
  Group& g = s.group[s.current / 32 * 32 + static_cast<unsigned>(__builtin_ctz(mask))];
  if (g.arrived == 0) {
    g.mask = mask;
    g.function = function;
    g.site = site;
    // Volatile, or it becomes memset where vectors are short, which ThreadSanitizer intercepts.
    for (void* volatile& l : g.lanes) l = nullptr;
    ++w.open_groups;
  } else if (g.mask != mask || !same(g.site, site)) {
    s.thread[s.current].site = site;
    s.thread[s.current].state = State::in_warp;
    fail_thread(site.what, "lanes of a warp meet in different calls or with different masks");
  }
  g.arrived |= 1u << lane;
  g.lanes[lane] = argument;
  release(s.arrival_tag(g));
  if ((mask & w.live) == g.arrived) {
    s.complete(g);
    return;
  }
  s.wait(State::in_warp, site);
  Thread& t = s.thread[s.current];
  if (t.runs_function) {
    t.runs_function = false;
    s.complete(g);
  }
  acquire(s.done_tag(g));
}

namespace {

void declare(SharedSlot& slot, std::size_t bytes) {
  Scheduler& s = scheduler;
  for (unsigned i = 0; i < s.declared; ++i) {
    if (s.declarations[i].slot == &slot) return;
  }
  if (s.declared == most_declarations) fail_thread("GLOW_SHARED", "more declarations than are counted");
  s.declarations[s.declared++] = {&slot, bytes};
}

}  // namespace

unsigned lane_index() { return scheduler.current % 32; }
unsigned warp_in_group() {
  const Scheduler& s = scheduler;
  return (s.current - s.rank() * s.block_threads) / 32 % 4;
}
unsigned live_lanes() { return scheduler.warp[scheduler.current / 32].live; }

void* shared_memory(SharedSlot& slot, std::size_t bytes, std::size_t alignment) {
  Scheduler& s = scheduler;
  auto& mine = slot.of_block[s.rank()];
  if (mine.cluster == s.serial) return mine.memory;
  declare(slot, bytes);
  mine = {s.serial, s.shared.allocate(bytes, alignment)};
  Block& b = s.here();
  if (&slot != &s.dynamic_slot) b.static_shared += bytes;
  if (b.static_shared > max_static_shared)
    fail_thread("GLOW_SHARED", "more than 48 KiB of static shared memory");
  if (b.static_shared + s.grid.dynamic_shared > max_shared())
    fail_thread("GLOW_SHARED", "more shared memory than the device has for a block");
  return mine.memory;
}

void* dynamic_shared_memory(std::size_t alignment) {
  std::size_t& own = scheduler.here().dynamic_alignment;
  if (own == 0) own = alignment;
  return shared_memory(scheduler.dynamic_slot, scheduler.grid.dynamic_shared, own);
}

void* shared_memory_of(unsigned rank, const void* here) {
  Scheduler& s = scheduler;
  if (rank >= s.grid.cluster) fail_thread("shared_memory_of", "the cluster has no such block");
  for (unsigned i = 0; i < s.declared; ++i) {
    const Declaration& d = s.declarations[i];
    const auto& mine = d.slot->of_block[s.rank()];
    const auto& theirs = d.slot->of_block[rank];
    const auto offset = static_cast<const char*>(here) - static_cast<const char*>(mine.memory);
    if (mine.cluster != s.serial || offset < 0 || static_cast<std::size_t>(offset) >= d.bytes) continue;
    if (theirs.cluster != s.serial) {
      fail_thread("shared_memory_of", "the other block has not come to this declaration");
    }
    if (s.blocks[rank].live == 0) fail_thread("shared_memory_of", "the other block has ended");
    return static_cast<char*>(theirs.memory) + offset;
  }
  fail_thread("shared_memory_of", "the address is not in shared memory");
}

unsigned shared_address(const void* pointer) {
  const std::size_t alignment = scheduler.here().dynamic_alignment;
  if (alignment == 0) fail_thread("shared_address", "there is no dynamic shared memory");
  const auto* const begin = static_cast<const char*>(dynamic_shared_memory(alignment));
  const auto offset = static_cast<std::size_t>(static_cast<const char*>(pointer) - begin);
  if (offset >= scheduler.grid.dynamic_shared) {
    fail_thread("shared_address", "the address is not in the dynamic shared memory");
  }
  return static_cast<unsigned>(alignment + offset);
}

void* shared_pointer(std::uint64_t address, std::size_t bytes) {
  const std::size_t begin = scheduler.here().dynamic_alignment;
  if (address < begin || address + bytes > begin + scheduler.grid.dynamic_shared) {
    fail_thread("shared_pointer", "the address is not in the dynamic shared memory");
  }
  return static_cast<char*>(dynamic_shared_memory(begin)) + (address - begin);
}

void begin_async_copy(void* to, const void* from) {
  scheduler.copies[scheduler.current].begin({to, from, 0});
}
void commit_async_copies() { scheduler.copies[scheduler.current].commit(); }
bool take_due_async_copy(int allowed, AsyncCopy* copy) {
  return scheduler.copies[scheduler.current].take_due(allowed, copy);
}

void begin_wgmma(const Wgmma& product) { scheduler.products[scheduler.current].begin(product); }
void commit_wgmmas() { scheduler.products[scheduler.current].commit(); }
bool take_due_wgmma(int allowed, Wgmma* product) {
  return scheduler.products[scheduler.current].take_due(allowed, product);
}

bool has_fenced() { return scheduler.thread[scheduler.current].fenced; }
void set_fenced() { scheduler.thread[scheduler.current].fenced = true; }

void fail_thread(const char* what, const char* message) {
  Scheduler& s = scheduler;
  s.failed_what = what;
  s.failed_message = message;
  s.switch_to(&s.host);
  std::abort();  // not reached
}

}  // namespace glow::cuda_on_cpu
