#include "scheduler_state.hpp"

namespace glow::cuda_on_cpu {

Coordinates coordinates;

Scheduler& scheduler = *new Scheduler;  // never destroyed: streams of statics may still run kernels at exit

namespace {

// Orders nothing but what its name says: the host before the grid's threads, and they before the host again.
char grid_begins, grid_ends;

// What a thread of a block of so many gets of a multiprocessor's 65536 registers, which go out in eights.
unsigned registers_at_launch(unsigned block_threads) {
  const unsigned share = 65536 / block_threads / 8 * 8;
  return share < 256 ? share : 256;
}

}  // namespace

// The oldest, the newest or any.
void Scheduler::finish_bulk_copy() {
  const auto n = static_cast<unsigned>(bulk_copies.count());
  unsigned i = order_kind == Order::reverse ? n - 1 : 0;
  if (order_kind == Order::random) i = random_below(n);
  finish(bulk_copies.take(i));
}

// As late as can be; in random orders, any time, sooner in some grids than in others.
void Scheduler::do_bulk_copies() {
  if (order_kind == Order::random && !bulk_copies.empty() && random_below(bulk_copy_delay) == 0) {
    finish_bulk_copy();
  }
  while (live > 0 && !bulk_copies.empty() && ready_count + threads - next_fresh == 0) finish_bulk_copy();
}

// Chooses the thread that goes on and the fiber to do it: `mine` where a thread begins and the caller's
// fiber has none; the host's where none can go on.
Fiber* Scheduler::choose(Fiber* mine) {
  do_bulk_copies();
  if (grid.cluster > 1) release_barriers();  // no block waits for another at its own barrier
  const unsigned fresh = threads - next_fresh;
  if (ready_count + fresh == 0 || !error.empty()) return &host;
  bool resume = ready_count > 0 && (order_kind != Order::random || fresh == 0 ||
                                    random_below(ready_count + fresh) < ready_count);
  if (favoured != no_block) {
    if (order_kind == Order::forward) favoured = (favoured + 1) % grid.cluster;
    const bool ready_one = ready_of[favoured] > 0;
    const bool fresh_one = fresh > 0 && rank_of(order[next_fresh]) == favoured;
    if (ready_one != fresh_one) resume = ready_one;
  }
  current = resume ? take_ready() : order[next_fresh++];
  coordinates.thread = index[current];
  coordinates.block = here().index;
  coordinates.block_in_cluster = rank();
  if (resume) return thread[current].fiber;
  Fiber* fiber = mine;
  if (tsan) {
    fiber = of_thread[serial & 1][current];
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

void Scheduler::switch_to(Fiber* to) {
  Fiber* from = running;
  if (to == from) return;
  running = to;
  from->switch_to(*to);
}

void Scheduler::wait(State state, Site site) {
  thread[current].state = state;
  thread[current].site = site;
  switch_to(choose(nullptr));
}

void Scheduler::wait_for(const void* event, Site site) {
  thread[current].event = event;
  wait(State::at_event, site);
}

void Scheduler::wake(const void* event) {
  for (unsigned i = 0; i < threads; ++i) {
    const Thread& t = thread[order[i]];
    if (t.state == State::at_event && t.event == event) make_ready(order[i]);
  }
}

void Scheduler::run_thread() {
  acquire(&grid_begins);
  grid.body(grid.arguments);
  release(&grid_ends);
  if (here().live == 1 && bulk_copies.any_to(rank())) {
    fail_thread(grid.what, "the block ends before bulk copies to it");
  }
  if (any_products) end_products();
  thread[current].state = State::done;
  copies[current].clear();
  products[current].clear();
  --live;
  --here().live;
  Warp& w = warp[current / 32];
  w.live &= ~(1u << current % 32);
  if (w.open_groups > 0) resume_groups_without(current / 32);
}

// A lane has ended: groups that waited for nobody else go on without it.
void Scheduler::resume_groups_without(unsigned w) {
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
void Scheduler::complete(Group& g) {
  acquire(arrival_tag(g));
  for (unsigned absent = ~g.arrived; absent != 0; absent &= absent - 1) {
    g.lanes[__builtin_ctz(absent)] = nullptr;
  }
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

// Blocks all of whose live threads wait at one and the same barrier go on; whether there are any.
bool Scheduler::release_barriers() {
  bool released = false;
  for (unsigned r = 0; r < grid.cluster && error.empty(); ++r) {
    if (blocks[r].live == 0 || blocks[r].waiting != blocks[r].live) continue;
    release_barrier(r);
    released = true;
  }
  return released;
}

void Scheduler::release_barrier(unsigned rank) {
  Block& b = blocks[rank];
  const auto waits = [&](unsigned t) { return rank_of(t) == rank && thread[t].state == State::at_barrier; };
  const Site* first = nullptr;
  for (unsigned t = 0; t < threads; ++t) {
    if (!waits(t)) continue;
    if (first == nullptr) first = &thread[t].site;
    if (!same(*first, thread[t].site)) {
      error = place() + "different barriers meet" + where_they_wait();
      return;
    }
  }
  for (unsigned i = 0; i < threads; ++i) {
    if (waits(order[i])) make_ready(order[i]);
  }
  b.fences.close(rank, rank, static_cast<int>(b.waiting));
  b.last_votes = {b.votes, static_cast<int>(b.waiting)};
  b.votes = 0;
  b.waiting = 0;
}

void Scheduler::begin_cluster(uint3 first) {
  coordinates.block = first;
  ++serial;
  live = threads;
  next_fresh = ready_head = ready_count = declared = 0;
  for (unsigned& n : ready_of) n = 0;
  for (unsigned t = 0; t < threads; ++t) thread[t] = Thread{};
  for (unsigned r = 0; r < grid.cluster; ++r) {
    blocks[r] = Block{};
    blocks[r].index = {first.x + r, first.y, first.z};
    blocks[r].live = block_threads;
    blocks[r].registers = registers_at_launch(block_threads);
  }
  cluster_barrier = NamedBarrier{};
  any_products = false;
  const unsigned warps = (threads + 31) / 32;
  for (unsigned w = 0; w < warps; ++w) {
    const unsigned lanes = threads - w * 32;
    warp[w] = Warp{};
    warp[w].live = lanes >= 32 ? ~0u : (1u << lanes) - 1;
    register_request[w] = RegisterRequest{};
  }
  if (order_kind == Order::random || serial == first_serial) {
    fill_order(order, threads);
    order_blocks();
  }
  shared.begin_cluster();
  if (tsan) tags = static_cast<char*>(shared.allocate_untouched(8 * tag_count));
}

void Scheduler::run_cluster(uint3 first) {
  begin_cluster(first);
  while (live > 0 && error.empty()) {
    switch_to(choose(nullptr));
    if (failed_what != nullptr) {
      report_failure();
    } else if (live > 0 && error.empty() && !release_barriers()) {
      error = place() + "deadlock" + where_they_wait();
    }
  }
  if (!error.empty()) abandon_cluster();
}

// The waiting threads' stacks are given up as they are; kernels own nothing that a destructor would free.
void Scheduler::abandon_cluster() {
  for (unsigned t = 0; t < threads; ++t) {
    Thread& x = thread[t];
    if (!tsan && x.fiber != nullptr && x.state != State::done) {
      x.fiber->restart();
      idle.push_back(x.fiber);
    }
    copies[t].clear();
    products[t].clear();
  }
  bulk_copies.clear();
  for (auto& set : of_thread) {
    for (Fiber* f : set) f->restart();
  }
  for (Group& g : group) g.arrived = 0;
}

void Scheduler::set_up(const Grid& g) {
  host.be_this_thread();
  grid = g;
  error.clear();
  order_kind = settings().order;
  seed(settings().seed);
  bulk_copy_delay = 4u << random_below(10);
  block_threads = g.block.x * g.block.y * g.block.z;
  threads = g.cluster * block_threads;
  for (unsigned t = 0; t < threads; ++t) {
    const unsigned i = t % block_threads;
    index[t] = {i % g.block.x, i / g.block.x % g.block.y, i / g.block.x / g.block.y};
  }
  coordinates.cluster_blocks = g.cluster;
  coordinates.block_dim = g.block;
  coordinates.grid_dim = g.grid;
  first_serial = serial + 1;
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

std::string Scheduler::run(const Grid& g) {
  set_up(g);
  release(&grid_begins);
  const unsigned side = g.grid.x / g.cluster, clusters = side * g.grid.y * g.grid.z;
  std::vector<unsigned> cluster_order;
  if (order_kind == Order::random) {
    cluster_order.resize(clusters);
    fill_order(cluster_order.data(), clusters);
  }
  for (unsigned i = 0; i < clusters && error.empty(); ++i) {
    unsigned c = order_kind == Order::reverse ? clusters - 1 - i : i;
    if (order_kind == Order::random) c = cluster_order[i];
    run_cluster({c % side * g.cluster, c / side % g.grid.y, c / side / g.grid.y});
  }
  acquire(&grid_ends);
  shared.end_grid();
  return error;
}

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

std::string run_grid(const Grid& grid) { return scheduler.run(grid); }

}  // namespace glow::cuda_on_cpu
