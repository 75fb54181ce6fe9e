#include "async_proxy.hpp"

#include "scheduler_state.hpp"

namespace glow::cuda_on_cpu {

namespace {

constexpr int fences_taken_at_once = 4;

// The dynamic shared memory of a block, null where the block has not come to its declaration.
char* memory_of(unsigned rank) {
  const auto& slot = scheduler.dynamic_slot.of_block[rank];
  return slot.cluster == scheduler.serial ? static_cast<char*>(slot.memory) : nullptr;
}

char* shadow_of(unsigned rank) {
  char*& shadow = scheduler.blocks[rank].shadow;
  if (shadow == nullptr) {
    shadow = static_cast<char*>(scheduler.shared.allocate(scheduler.grid.dynamic_shared, 16));
  }
  return shadow;
}

void take_shadow(unsigned rank) {
  if (const char* memory = memory_of(rank))
    copy_unseen(shadow_of(rank), memory, scheduler.grid.dynamic_shared);
}

// Where in a block's dynamic shared memory `memory` lies; its size where it does not.
std::size_t offset_of(unsigned rank, const void* memory) {
  const std::size_t size = scheduler.grid.dynamic_shared;
  const char* const begin = memory_of(rank);
  if (begin == nullptr) return size;
  const auto offset = static_cast<std::size_t>(static_cast<const char*>(memory) - begin);
  return offset < size ? offset : size;
}

// Words, as all that is checked is a multiple of 16 bytes.
bool same_bytes(const char* x, const char* y, std::size_t bytes) {
  using Word = std::uint64_t __attribute__((may_alias));
  for (std::size_t i = 0; i < bytes; i += sizeof(Word)) {
    if (*reinterpret_cast<const Word*>(x + i) != *reinterpret_cast<const Word*>(y + i)) return false;
  }
  return true;
}

}  // namespace

void FencesOfRound::arrive() {
  bool& fenced = scheduler.thread[scheduler.current].proxy_fenced;
  fenced_ += fenced ? 1 : 0;
  fenced = false;
}

void FencesOfRound::close(unsigned first, unsigned last, int threads) {
  const bool count = fenced_ > fences_taken_at_once || (fenced_ > 0 && fenced_ == threads);
  for (unsigned rank = first; rank <= last; ++rank) {
    if (count) take_shadow(rank);
    scheduler.blocks[rank].proxy_fences = 0;
  }
  fenced_ = 0;
}

void fence_async_proxy() {
  Scheduler& s = scheduler;
  s.thread[s.current].proxy_fenced = true;
  if (++s.here().proxy_fences <= fences_taken_at_once) take_shadow(s.rank());
}

void publish_fenced() {
  Scheduler& s = scheduler;
  bool& fenced = s.thread[s.current].proxy_fenced;
  if (fenced) take_shadow(s.rank());
  fenced = false;
}

const char* shadow_of_dynamic_memory() { return shadow_of(scheduler.rank()); }

void check_fenced(unsigned rank, const char* memory, std::size_t bytes, Site site) {
  const std::size_t offset = offset_of(rank, memory);
  if (offset == scheduler.grid.dynamic_shared) return;
  const char* const shadow = shadow_of(rank) + offset;
  if (same_bytes(memory, shadow, bytes)) return;
  publish_fenced();
  if (same_bytes(memory, shadow, bytes)) return;
  fail_thread(site, "shared memory was stored to without fence_async_proxy: byte %zu of the dynamic part",
              offset);
}

void note_async_write(unsigned rank, const void* memory, std::size_t bytes) {
  const std::size_t offset = offset_of(rank, memory);
  if (offset < scheduler.grid.dynamic_shared) {
    copy_unseen(shadow_of(rank) + offset, memory, bytes);
  }
}

}  // namespace glow::cuda_on_cpu
