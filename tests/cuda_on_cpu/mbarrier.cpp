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

constexpr unsigned most_arrivals = 0xFE;

void check(const Mbarrier& barrier, Site site) {
  if (barrier.arrivals > most_arrivals) fail_thread(site.what, "the barrier is not initialised");
}

void end_phase_if_complete(Mbarrier* barrier) {
  if (barrier->missing > 0 || barrier->bytes != 0) return;
  barrier->missing = barrier->arrivals;
  barrier->parity ^= 1;
  scheduler.wake(barrier);
}

// Not memcpy, which ThreadSanitizer intercepts.
void copy_bytes(void* to, const void* from, std::size_t bytes) {
#if defined(GLOW_EMULATION_TSAN)
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes)::"memory");
#else
  __builtin_memcpy(to, from, bytes);
#endif
}

// One round of a barrier; its rounds have the two tags in turns.
void meet(NamedBarrier& b, int threads, void* even, void* odd, Site site) {
  if (b.arrived == 0) ++b.rounds;
  b.threads = threads;
  void* const tag = b.rounds % 2 == 0 ? even : odd;
  release(tag);
  if (++b.arrived == threads) {
    b.arrived = 0;
    scheduler.wake(&b);
  } else {
    scheduler.wait_for(&b, site);
  }
  acquire(tag);
}

}  // namespace

void init(Mbarrier* barrier, unsigned arrivals, Site site) {
  if (arrivals == 0 || arrivals > most_arrivals) fail_thread(site.what, "so many arrivals cannot be counted");
  barrier->arrivals = static_cast<std::uint8_t>(arrivals);
  barrier->missing = barrier->arrivals;
  barrier->parity = 0;
  barrier->bytes = 0;
}

void arrive(Mbarrier* barrier, unsigned bytes, Site site) {
  check(*barrier, site);
  if (barrier->missing == 0) fail_thread(site.what, "more arrivals than the phase has");
  release(barrier);
  barrier->bytes += static_cast<int>(bytes);
  --barrier->missing;
  end_phase_if_complete(barrier);
}

void wait_for_phase(Mbarrier* barrier, unsigned parity, Site site) {
  check(*barrier, site);
  while (barrier->parity == parity) scheduler.wait_for(barrier, site);
  acquire(barrier);
}

// Released once more, for the NaN that the thread has written since it arrived.
void begin_bulk_copy(const BulkCopy& copy) {
  release(copy.barrier);
  scheduler.bulk_copies.begin(copy);
}

void finish(const BulkCopy& copy) {
  copy_bytes(copy.to, copy.from, copy.bytes);
  copy.barrier->bytes -= static_cast<int>(copy.bytes);
  end_phase_if_complete(copy.barrier);
}

void meet_at(int id, int threads, Site site) {
  if (id < 0 || id >= named_barriers || threads <= 0 || threads % 32 != 0) {
    fail_thread(site.what, "the barrier is one of 16, for whole warps");
  }
  Scheduler& s = scheduler;
  NamedBarrier& b = s.here().named[id];
  if (b.arrived > 0 && b.threads != threads)
    fail_thread(site.what, "threads differ in how many they wait for");
  meet(b, threads, s.named_tag(id, 0), s.named_tag(id, 1), site);
}

void meet_in_cluster(Site site) {
  Scheduler& s = scheduler;
  meet(s.cluster_barrier, static_cast<int>(s.threads), s.cluster_tag(0), s.cluster_tag(1), site);
}

}  // namespace glow::cuda_on_cpu
