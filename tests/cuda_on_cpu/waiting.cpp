// What the threads of a kernel ask of the scheduler: to wait for others, for copies, to fail.
#include <cstdarg>
#include <cstdio>
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
  b.fences.arrive();
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
unsigned warp_in_group() {
  const Scheduler& s = scheduler;
  return (s.current - s.rank() * s.block_threads) / 32 % 4;
}
unsigned live_lanes() { return scheduler.warp[scheduler.current / 32].live; }

void begin_async_copy(void* to, const void* from) {
  scheduler.copies[scheduler.current].begin({to, from, 0});
}
void commit_async_copies() { scheduler.copies[scheduler.current].commit(); }
bool take_due_async_copy(int allowed, AsyncCopy* copy) {
  return scheduler.copies[scheduler.current].take_due(allowed, copy);
}

bool has_fenced() { return scheduler.thread[scheduler.current].fenced; }
void set_fenced() { scheduler.thread[scheduler.current].fenced = true; }

void fail_thread(const char* what, const char* message) {
  Scheduler& s = scheduler;
  s.failed_what = what;
  s.failed_message = message;
  release(&s.failed_message);  // the host reads the text
  s.switch_to(&s.host);
  std::abort();  // not reached
}

void fail_thread(Site site, const char* format, ...) {
  static char message[256];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  scheduler.failed_site = site;
  fail_thread(site.what, message);
}

}  // namespace glow::cuda_on_cpu
