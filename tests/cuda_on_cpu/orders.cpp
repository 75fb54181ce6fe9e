// Who goes first: the orders of a grid's blocks and threads.
#include "scheduler_state.hpp"

namespace glow::cuda_on_cpu {

namespace {

std::uint64_t scramble(std::uint64_t x) {  // SplitMix64
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

void exchange(unsigned& a, unsigned& b) {
  const unsigned c = a;
  a = b;
  b = c;
}

}  // namespace

void Scheduler::seed(std::uint64_t x) { random_state = scramble(x) + scramble(++grids); }

unsigned Scheduler::random_below(unsigned n) {
  random_state = scramble(random_state);
  return static_cast<unsigned>((random_state >> 32) * n >> 32);
}

// Shuffles or reverses 0 ... n-1.
void Scheduler::fill_order(unsigned* to, unsigned n) {
  for (unsigned i = 0; i < n; ++i) to[i] = order_kind == Order::reverse ? n - 1 - i : i;
  if (order_kind == Order::random) {
    for (unsigned i = n; i > 1; --i) exchange(to[i - 1], to[random_below(i)]);
  }
}

// Which block of a cluster goes first whenever it can. In forward orders the blocks take turns, in reverse
// orders the last one gets as far ahead of the others as it can; in random orders any may, or none.
void Scheduler::order_blocks() {
  favoured = no_block;
  if (grid.cluster == 1) return;
  if (order_kind == Order::forward) {
    favoured = grid.cluster - 1;  // the first turn is the first block's
    for (unsigned i = 0; i < threads; ++i) order[i] = i % grid.cluster * block_threads + i / grid.cluster;
  } else if (order_kind == Order::reverse) {
    favoured = grid.cluster - 1;
  } else if (random_below(2) == 0) {
    favoured = random_below(grid.cluster);
    unsigned n = 0;
    for (unsigned i = 0; i < threads; ++i) {
      if (rank_of(order[i]) == favoured) exchange(order[i], order[n++]);
    }
  }
}

void Scheduler::make_ready(unsigned t) {
  thread[t].state = State::ready;
  ++ready_of[rank_of(t)];
  ready[(ready_head + ready_count++) % max_threads] = t;
}

unsigned Scheduler::take_ready() {
  if (order_kind == Order::random) {
    exchange(ready[ready_head], ready[(ready_head + random_below(ready_count)) % max_threads]);
  }
  if (ready_of[favoured] > 0) {
    unsigned i = 0;
    while (rank_of(ready[(ready_head + i) % max_threads]) != favoured) ++i;
    exchange(ready[ready_head], ready[(ready_head + i) % max_threads]);
  }
  const unsigned t = ready[ready_head];
  ready_head = (ready_head + 1) % max_threads;
  --ready_count;
  --ready_of[rank_of(t)];
  return t;
}

}  // namespace glow::cuda_on_cpu
