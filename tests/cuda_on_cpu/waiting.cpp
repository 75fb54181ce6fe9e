// What the threads of a kernel ask of the scheduler: to wait for others, for shared memory, for copies.
#include <cstdlib>
#include <cstring>

#include "scheduler_state.hpp"

namespace glow::cuda_on_cpu {

Votes barrier(Site site, bool predicate) {
  Scheduler& s = scheduler;
  if (s.waiting == 0) ++s.barriers;
  void* const tag = s.barrier_tag(s.barriers);
  release(tag);
  ++s.waiting;
  s.votes += predicate ? 1 : 0;
  s.wait(State::at_barrier, site);
  acquire(tag);
  return s.last_votes;
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
    std::memset(g.lanes, 0, sizeof g.lanes);
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

unsigned lane_index() { return scheduler.current % 32; }
unsigned warp_in_group() { return scheduler.current / 32 % 4; }
unsigned live_lanes() { return scheduler.warp[scheduler.current / 32].live; }

void* shared_memory(SharedSlot& slot, std::size_t bytes, std::size_t alignment) {
  Scheduler& s = scheduler;
  if (slot.block == s.block_serial) return slot.memory;
  slot.block = s.block_serial;
  slot.memory = s.shared.allocate(bytes, alignment);
  if (&slot != &s.dynamic_slot) s.shared.static_bytes += bytes;
  if (s.shared.static_bytes > max_static_shared)
    fail_thread("GLOW_SHARED", "more than 48 KiB of static shared memory");
  if (s.shared.static_bytes + s.grid.dynamic_shared > max_shared())
    fail_thread("GLOW_SHARED", "more shared memory than the device has for a block");
  return slot.memory;
}

void* dynamic_shared_memory(std::size_t alignment) {
  if (scheduler.dynamic_alignment == 0) scheduler.dynamic_alignment = alignment;
  return shared_memory(scheduler.dynamic_slot, scheduler.grid.dynamic_shared, scheduler.dynamic_alignment);
}

unsigned shared_address(const void* pointer) {
  if (scheduler.dynamic_alignment == 0) fail_thread("shared_address", "there is no dynamic shared memory");
  const auto* const begin = static_cast<const char*>(dynamic_shared_memory(scheduler.dynamic_alignment));
  const auto offset = static_cast<std::size_t>(static_cast<const char*>(pointer) - begin);
  if (offset >= scheduler.grid.dynamic_shared) {
    fail_thread("shared_address", "the address is not in the dynamic shared memory");
  }
  return static_cast<unsigned>(scheduler.dynamic_alignment + offset);
}

void* shared_pointer(std::uint64_t address, std::size_t bytes) {
  const std::size_t begin = scheduler.dynamic_alignment;
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
