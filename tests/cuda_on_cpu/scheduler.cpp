// Compiled without -fsanitize=thread even where the rest is: ThreadSanitizer is to see what kernels do, and
// of what happens here only the orderings that CUDA promises. So nothing here may write what instrumented
// code also writes, and containers hold types of this file only (the linker must not take an instrumented
// copy of their code).
#include "scheduler.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "async_copy.hpp"
#include "fiber.hpp"
#include "limits.hpp"
#include "settings.hpp"
#include "shared_arena.hpp"

#if defined(GLOW_EMULATION_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace glow::cuda_on_cpu {

Coordinates coordinates;

namespace {

#if defined(GLOW_EMULATION_TSAN)
constexpr bool tsan = true;
void release(void* tag) { __tsan_release(tag); }
void acquire(void* tag) { __tsan_acquire(tag); }
#else
constexpr bool tsan = false;
void release(void*) {}
void acquire(void*) {}
#endif

// The runtime of ThreadSanitizer that came with clang 14 and g++ 13 tells 255 threads apart, and misses races
// where there are more. There every 113th thread of a block counts as one: what races with such a brother is
// missed, nothing else.
#if defined(__clang__) || __GNUC__ > 12
constexpr std::size_t tsan_threads = 113;
#else
constexpr std::size_t tsan_threads = max_threads;
#endif

// Orders nothing but what its name says: the host before the grid's threads, and they before the host again.
char grid_begins, grid_ends;

enum class State : unsigned char { fresh, ready, at_barrier, in_warp, done };

struct Thread {
  Fiber* fiber = nullptr;
  State state = State::fresh;
  bool runs_function =
      false;  // an absent lane completed its group: this lane, once resumed, does what the last would
  bool fenced = false;
  Site site;
};

// Lanes of one warp that wait for one another, under the lowest lane of their mask.
struct Group {
  unsigned mask = 0;
  unsigned arrived = 0;
  WarpFunction function = nullptr;
  Site site;
  void* lanes[32] = {};
};

struct Warp {
  unsigned live = 0;
  int open_groups = 0;
};

std::uint64_t scramble(std::uint64_t x) {  // SplitMix64
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

bool same(const Site& a, const Site& b) {
  return a.line == b.line && std::strcmp(a.what, b.what) == 0 &&
         (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

struct Scheduler {
  Grid grid;
  Order order_kind = Order::forward;
  std::uint64_t random_state = 1;
  std::uint64_t grids = 0;
  std::string error;

  // The block that runs now.
  std::uint64_t block_serial = 0;
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
  AsyncCopies copies[max_threads];

  Fiber host;
  Fiber* running = &host;
  std::vector<Fiber*> idle;
  std::vector<Fiber*> of_thread[2];  // under ThreadSanitizer, of odd and even blocks
  unsigned fibers = 0;

  unsigned random_below(unsigned n) {
    random_state = scramble(random_state);
    return static_cast<unsigned>((random_state >> 32) * n >> 32);
  }

  // Shuffles or reverses 0 ... n-1.
  void fill_order(unsigned* to, unsigned n) {
    for (unsigned i = 0; i < n; ++i) to[i] = order_kind == Order::reverse ? n - 1 - i : i;
    if (order_kind == Order::random) {
      for (unsigned i = n; i > 1; --i) std::swap(to[i - 1], to[random_below(i)]);
    }
  }

  void* tag(unsigned i) { return tsan ? tags + 8 * i : nullptr; }
  void* barrier_tag(unsigned generation) { return tag(generation % 2); }
  void* arrival_tag(const Group& g) { return tag(2 + 2 * static_cast<unsigned>(&g - group)); }
  void* done_tag(const Group& g) { return tag(3 + 2 * static_cast<unsigned>(&g - group)); }

  static void fiber_main();

  void make_ready(unsigned t) {
    thread[t].state = State::ready;
    ready[(ready_head + ready_count++) % max_threads] = t;
  }

  unsigned take_ready() {
    if (order_kind == Order::random) {
      std::swap(ready[ready_head], ready[(ready_head + random_below(ready_count)) % max_threads]);
    }
    const unsigned t = ready[ready_head];
    ready_head = (ready_head + 1) % max_threads;
    --ready_count;
    return t;
  }

  // Chooses the thread that goes on and the fiber to do it: `mine` where a thread begins and the caller's
  // fiber has none; the host's where none can go on.
  Fiber* choose(Fiber* mine) {
    const unsigned fresh = threads - next_fresh;
    if (ready_count + fresh == 0) return &host;
    const bool resume = ready_count > 0 && (order_kind != Order::random || fresh == 0 ||
                                            random_below(ready_count + fresh) < ready_count);
    current = resume ? take_ready() : order[next_fresh++];
    coordinates.thread = index[current];
    if (resume) return thread[current].fiber;
    Fiber* fiber = mine;
    if (tsan) {
      fiber = of_thread[block_serial & 1][current];
    } else if (fiber == nullptr) {
      if (idle.empty()) {
        fiber = new Fiber(&fiber_main, fibers++);
      } else {
        fiber = idle.back();
        idle.pop_back();
      }
    }
    thread[current].fiber = fiber;
    return fiber;
  }

  void switch_to(Fiber* to) {
    Fiber* from = running;
    if (to == from) return;
    running = to;
    from->switch_to(*to);
  }

  void wait(State state, Site site) {
    thread[current].state = state;
    thread[current].site = site;
    switch_to(choose(nullptr));
  }

  void run_thread() {
    acquire(&grid_begins);
    grid.body(grid.arguments);
    release(&grid_ends);
    thread[current].state = State::done;
    copies[current].clear();
    --live;
    Warp& w = warp[current / 32];
    w.live &= ~(1u << current % 32);
    if (w.open_groups > 0) resume_groups_without(current / 32);
  }

  // A lane has ended: groups that waited for nobody else go on without it.
  void resume_groups_without(unsigned w) {
    for (unsigned i = w * 32; i < w * 32 + 32; ++i) {
      const Group& g = group[i];
      if (g.arrived == 0 || (g.mask & warp[w].live) != g.arrived) continue;
      const unsigned first = w * 32 + static_cast<unsigned>(__builtin_ctz(g.arrived));
      if (thread[first].runs_function) continue;
      thread[first].runs_function = true;
      make_ready(first);
    }
  }

  // Runs in the context of the last lane to arrive: elsewhere ThreadSanitizer would miss races through
  // `function`.
  void complete(Group& g) {
    acquire(arrival_tag(g));
    g.function(g.lanes);
    release(done_tag(g));
    const unsigned first = current / 32 * 32;
    for (unsigned i = 0; i < 32; ++i) {
      const unsigned lane = order_kind == Order::reverse ? 31 - i : i;
      if ((g.arrived >> lane & 1) != 0 && first + lane != current) make_ready(first + lane);
    }
    g.arrived = 0;
    --warp[current / 32].open_groups;
  }

  std::string where_they_wait() const {
    std::map<std::string, int> counts;
    for (unsigned t = 0; t < threads; ++t) {
      if (thread[t].state != State::at_barrier && thread[t].state != State::in_warp) continue;
      std::ostringstream out;
      out << thread[t].site.what << " at " << thread[t].site.file << ":" << thread[t].site.line;
      ++counts[out.str()];
    }
    std::ostringstream out;
    for (const auto& [site, n] : counts)
      out << "\n  " << n << (n == 1 ? " thread in " : " threads in ") << site;
    return out.str();
  }

  std::string place() const {
    std::ostringstream out;
    out << "cuda_on_cpu: kernel " << grid.what << ", block (" << coordinates.block.x << ", "
        << coordinates.block.y << ", " << coordinates.block.z << "): ";
    return out.str();
  }

  // All live threads wait. At one and the same barrier they go on; else this says why they cannot.
  void release_barrier() {
    if (waiting != live) {
      error = place() + "deadlock" + where_they_wait();
      return;
    }
    const Site* first = nullptr;
    for (unsigned t = 0; t < threads; ++t) {
      if (thread[t].state != State::at_barrier) continue;
      if (first == nullptr) first = &thread[t].site;
      if (!same(*first, thread[t].site)) {
        error = place() + "different barriers meet" + where_they_wait();
        return;
      }
    }
    for (unsigned i = 0; i < threads; ++i) {
      if (thread[order[i]].state == State::at_barrier) make_ready(order[i]);
    }
    last_votes = {votes, static_cast<int>(waiting)};
    votes = 0;
    waiting = 0;
  }

  void begin_block(uint3 block) {
    coordinates.block = block;
    ++block_serial;
    live = threads;
    next_fresh = ready_head = ready_count = waiting = barriers = 0;
    votes = 0;
    for (unsigned t = 0; t < threads; ++t) thread[t] = Thread{};
    const unsigned warps = (threads + 31) / 32;
    for (unsigned w = 0; w < warps; ++w) {
      const unsigned lanes = threads - w * 32;
      warp[w] = {lanes >= 32 ? ~0u : (1u << lanes) - 1, 0};
    }
    if (order_kind == Order::random || block_serial == first_serial) fill_order(order, threads);
    shared.begin_block();
    if (tsan) tags = static_cast<char*>(shared.allocate_untouched(16 + 16 * max_threads));
  }
  std::uint64_t first_serial = 0;

  void run_block(uint3 block) {
    begin_block(block);
    while (live > 0 && error.empty()) {
      switch_to(choose(nullptr));
      if (error.empty() && live > 0) release_barrier();
    }
    if (!error.empty()) abandon_block();
  }

  // The waiting threads' stacks are given up as they are; kernels own nothing that a destructor would free.
  void abandon_block() {
    for (unsigned t = 0; t < threads; ++t) {
      Thread& x = thread[t];
      if (!tsan && x.fiber != nullptr && x.state != State::done) {
        x.fiber->restart();
        idle.push_back(x.fiber);
      }
      copies[t].clear();
    }
    for (auto& set : of_thread) {
      for (Fiber* f : set) f->restart();
    }
    for (Group& g : group) g.arrived = 0;
  }

  void set_up(const Grid& g) {
    host.be_this_thread();
    grid = g;
    error.clear();
    order_kind = settings().order;
    random_state = scramble(settings().seed) + scramble(++grids);
    threads = g.block.x * g.block.y * g.block.z;
    unsigned t = 0;
    for (unsigned z = 0; z < g.block.z; ++z) {
      for (unsigned y = 0; y < g.block.y; ++y) {
        for (unsigned x = 0; x < g.block.x; ++x) index[t++] = {x, y, z};
      }
    }
    coordinates.block_dim = g.block;
    coordinates.grid_dim = g.grid;
    first_serial = block_serial + 1;
    shared.begin_grid();
    if (tsan) {  // made here, not by a CUDA thread, whose past they would then share
      for (auto& set : of_thread) {
        while (set.size() < threads) {
          const std::size_t i = set.size();
          set.push_back(new Fiber(&fiber_main, fibers++, i < tsan_threads ? nullptr : set[i % tsan_threads]));
        }
      }
    }
  }

  std::string run(const Grid& g) {
    set_up(g);
    release(&grid_begins);
    const unsigned blocks = g.grid.x * g.grid.y * g.grid.z;
    std::vector<unsigned> block_order;
    if (order_kind == Order::random) {
      block_order.resize(blocks);
      fill_order(block_order.data(), blocks);
    }
    for (unsigned i = 0; i < blocks && error.empty(); ++i) {
      unsigned b = order_kind == Order::reverse ? blocks - 1 - i : i;
      if (order_kind == Order::random) b = block_order[i];
      run_block({b % g.grid.x, b / g.grid.x % g.grid.y, b / g.grid.x / g.grid.y});
    }
    acquire(&grid_ends);
    shared.end_grid();
    return error;
  }
};

Scheduler& scheduler = *new Scheduler;  // never destroyed: streams of statics may still run kernels at exit

void Scheduler::fiber_main() {
  Scheduler& s = scheduler;
  Fiber* const mine = s.running;
  for (;;) {
    s.run_thread();
    Fiber* next = s.choose(mine);
    if (next == mine) continue;
    if (!tsan) s.idle.push_back(mine);
    s.switch_to(next);
  }
}

}  // namespace

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
  if ((mask >> lane & 1) == 0) fail_thread(std::string(site.what) + ": the mask lacks the calling lane");
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
    fail_thread("lanes of one warp meet in different calls or with different masks" + s.where_they_wait());
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
unsigned live_lanes() { return scheduler.warp[scheduler.current / 32].live; }

void* shared_memory(SharedSlot& slot, std::size_t bytes, std::size_t alignment) {
  Scheduler& s = scheduler;
  if (slot.block == s.block_serial) return slot.memory;
  slot.block = s.block_serial;
  slot.memory = s.shared.allocate(bytes, alignment);
  if (&slot != &s.dynamic_slot) s.shared.static_bytes += bytes;
  if (s.shared.static_bytes > max_static_shared) fail_thread("more than 48 KiB of static shared memory");
  if (s.shared.static_bytes + s.grid.dynamic_shared > max_shared)
    fail_thread("more than 227 KiB of shared memory");
  return slot.memory;
}

void* dynamic_shared_memory() {
  return shared_memory(scheduler.dynamic_slot, scheduler.grid.dynamic_shared, 16);
}

void begin_async_copy(void* to, const void* from) { scheduler.copies[scheduler.current].begin(to, from); }
void commit_async_copies() { scheduler.copies[scheduler.current].commit(); }
bool take_due_async_copy(int allowed, AsyncCopy* copy) {
  return scheduler.copies[scheduler.current].take_due(allowed, copy);
}

bool has_fenced() { return scheduler.thread[scheduler.current].fenced; }
void set_fenced() { scheduler.thread[scheduler.current].fenced = true; }

void fail_thread(const std::string& message) {
  Scheduler& s = scheduler;
  std::ostringstream out;
  const uint3 t = coordinates.thread;
  out << s.place() << "thread (" << t.x << ", " << t.y << ", " << t.z << "): " << message;
  s.error = out.str();
  s.switch_to(&s.host);
  std::abort();  // not reached
}

std::string run_grid(const Grid& grid) { return scheduler.run(grid); }

}  // namespace glow::cuda_on_cpu
