#include "mbarrier.hpp"

#include <cstdlib>

#include "scheduler_state.hpp"

namespace glow::cuda_on_cpu {

void BulkCopies::begin(const BulkCopy& copy) {
  if (count_ == capacity_) {
    capacity_ = capacity_ == 0 ? 16 : 2 * capacity_;
    open_ = static_cast<BulkCopy*>(std::realloc(open_, capacity_ * sizeof(BulkCopy)));
    if (open_ == nullptr) std::abort();
  }
  open_[count_++] = copy;
}

BulkCopy BulkCopies::take(std::size_t i) {
  const BulkCopy copy = open_[i];
  for (--count_; i < count_; ++i) {
    open_[i] = open_[i + 1];
    // One by one: ThreadSanitizer sees memmove, and would take the emulation's own list for the kernel's
    // memory.
    asm volatile("" ::: "memory");
  }
  return copy;
}

bool BulkCopies::any_to(unsigned block) const {
  for (std::size_t i = 0; i < count_; ++i) {
    if (open_[i].block == block) return true;
  }
  return false;
}

namespace {

// A barrier's bits, with the fields and the limits that the PTX ISA gives it. Fresh shared memory, all ones,
// is no barrier: `made` says so.
struct Counts {
  int bytes;          // that are expected and have not come; below zero: that have come early
  unsigned missing;   // arrivals of this phase
  unsigned arrivals;  // of each phase
  unsigned parity;    // of this phase
};
constexpr unsigned field = 20, most = (1u << field) - 1;  // also of bytes, either way
constexpr unsigned missing_at = field + 1, arrivals_at = missing_at + field, parity_at = arrivals_at + field,
                   made_at = parity_at + 1;
constexpr std::uint64_t made = 1;
static_assert(made_at == 62);

void check_address(const void* barrier, Site site) {
  if (reinterpret_cast<std::uintptr_t>(barrier) % 8 != 0) {
    fail_thread(site, "the barrier is not aligned to 8 bytes");
  }
}

bool is_made(std::uint64_t bits) { return bits >> made_at == made; }

Counts decode(std::uint64_t bits) {
  const auto at = [&](unsigned first) { return static_cast<unsigned>(bits >> first & most); };
  constexpr unsigned above_bytes = 31 - field;  // the highest bit of `bytes` is its sign
  const int bytes = static_cast<int>(static_cast<std::uint32_t>(bits) << above_bytes) >> above_bytes;
  return {bytes, at(missing_at), at(arrivals_at), static_cast<unsigned>(bits >> parity_at & 1)};
}

Counts read(const Mbarrier* barrier, Site site) {
  check_address(barrier, site);
  if (!is_made(barrier->bits)) fail_thread(site, "the barrier is not initialised");
  return decode(barrier->bits);
}

// Ends the phase, if that is complete.
void write(Mbarrier* barrier, Counts c) {
  const bool complete = c.missing == 0 && c.bytes == 0;
  if (complete) {
    c.missing = c.arrivals;
    c.parity ^= 1;
  }
  const auto bytes = static_cast<std::uint64_t>(c.bytes) & ((std::uint64_t{1} << missing_at) - 1);
  barrier->bits = bytes | std::uint64_t{c.missing} << missing_at | std::uint64_t{c.arrivals} << arrivals_at |
                  std::uint64_t{c.parity} << parity_at | made << made_at;
  if (complete) scheduler.wake(barrier);
}

// One round of a barrier of threads of the blocks `first` to `last`; its rounds have the two tags in turns.
void meet(NamedBarrier& b, int threads, unsigned first, unsigned last, void* even, void* odd, Site site) {
  if (b.arrived == 0) ++b.rounds;
  b.threads = threads;
  void* const tag = b.rounds % 2 == 0 ? even : odd;
  release(tag);
  b.fences.arrive();
  if (++b.arrived == threads) {
    b.arrived = 0;
    b.fences.close(first, last, threads);
    scheduler.wake(&b);
  } else {
    scheduler.wait_for(&b, site);
  }
  acquire(tag);
}

}  // namespace

void init(Mbarrier* barrier, unsigned arrivals, Site site) {
  check_address(barrier, site);
  if (arrivals == 0 || arrivals > most) fail_thread(site, "%u arrivals cannot be counted", arrivals);
  write(barrier, {0, arrivals, arrivals, 0});
}

void arrive(Mbarrier* barrier, unsigned bytes, Site site) {
  Counts c = read(barrier, site);
  if (c.missing == 0) fail_thread(site, "more arrivals than the phase has");
  release(barrier);
  publish_fenced();
  const std::int64_t sum = std::int64_t{c.bytes} + bytes;
  if (sum > most)
    fail_thread(site, "%lld bytes are more than a barrier counts, %u", static_cast<long long>(sum), most);
  c.bytes = static_cast<int>(sum);
  --c.missing;
  write(barrier, c);
}

void wait_for_phase(Mbarrier* barrier, unsigned parity, Site site) {
  while (read(barrier, site).parity == parity) scheduler.wait_for(barrier, site);
  acquire(barrier);
}

void check_copy(const BulkCopy& copy, Site site) {
  read(copy.barrier, site);
  if (copy.bytes > most) fail_thread(site, "%zu bytes are more than a barrier counts, %u", copy.bytes, most);
  check_fenced(copy.block, static_cast<const char*>(copy.to), copy.bytes, site);
}

// Released once more, for the NaN that the thread has written since it arrived.
void begin_bulk_copy(const BulkCopy& copy) {
  note_async_write(copy.block, copy.to, copy.bytes);
  release(copy.barrier);
  scheduler.bulk_copies.begin(copy);
}

void finish(const BulkCopy& copy) {
  copy_unseen(copy.to, copy.from, copy.bytes);
  note_async_write(copy.block, copy.to, copy.bytes);
  Counts c = decode(copy.barrier->bits);
  c.bytes -= static_cast<int>(copy.bytes);
  if (!is_made(copy.barrier->bits) || -c.bytes > static_cast<int>(most)) {
    return scheduler.give_up("a bulk copy ends at no barrier, or with more bytes than that counts");
  }
  write(copy.barrier, c);
}

void meet_at(int id, int threads, Site site) {
  if (id < 0 || id >= named_barriers || threads <= 0 || threads % 32 != 0) {
    fail_thread(site, "the barrier is one of 16, for whole warps");
  }
  Scheduler& s = scheduler;
  NamedBarrier& b = s.here().named[id];
  if (b.arrived > 0 && b.threads != threads) fail_thread(site, "threads differ in how many they wait for");
  meet(b, threads, s.rank(), s.rank(), s.named_tag(id, 0), s.named_tag(id, 1), site);
}

void meet_in_cluster(Site site) {
  Scheduler& s = scheduler;
  meet(s.cluster_barrier, static_cast<int>(s.threads), 0, s.grid.cluster - 1, s.cluster_tag(0),
       s.cluster_tag(1), site);
}

}  // namespace glow::cuda_on_cpu
