// The shared memory of the blocks that run: what declarations get, addresses, other blocks' memory.
#include <algorithm>

#include "scheduler_state.hpp"

namespace glow::cuda_on_cpu {

namespace {

void declare(SharedSlot& slot, std::size_t bytes) {
  Scheduler& s = scheduler;
  for (unsigned i = 0; i < s.declared; ++i) {
    if (s.declarations[i].slot == &slot) return;
  }
  if (s.declared == most_declarations) fail_thread("GLOW_SHARED", "more declarations than are counted");
  s.declarations[s.declared++] = {&slot, bytes};
}

// Static shared memory comes first, padded to the alignment of the dynamic part, as ptxas lays it out. The
// launch has checked the dynamic part alone.
void check_size(const Block& b) {
  const Grid& grid = scheduler.grid;
  const std::size_t alignment = std::max<std::size_t>(b.dynamic_alignment, 1);
  const std::size_t first = (b.static_shared + alignment - 1) / alignment * alignment;
  const Site site{"GLOW_SHARED"};
  if (first > max_static_shared) fail_thread(site, "more than 48 KiB of static shared memory");
  if (grid.allowed_dynamic == 0 && first + grid.dynamic_shared > max_static_shared) {
    fail_thread(
        site,
        "%zu bytes of static and %zu of dynamic shared memory are more than 48 KiB together, for which "
        "cudaFuncSetAttribute must ask",
        first, grid.dynamic_shared);
  }
  if (first + std::max(grid.dynamic_shared, grid.allowed_dynamic) > max_shared()) {
    fail_thread(site,
                "%zu bytes of static and %zu of dynamic shared memory are more than a block can have, %zu",
                first, std::max(grid.dynamic_shared, grid.allowed_dynamic), max_shared());
  }
}

}  // namespace

void* shared_memory(SharedSlot& slot, std::size_t bytes, std::size_t alignment) {
  Scheduler& s = scheduler;
  auto& mine = slot.of_block[s.rank()];
  if (mine.cluster == s.serial) return mine.memory;
  declare(slot, bytes);
  mine = {s.serial, s.shared.allocate(bytes, alignment)};
  Block& b = s.here();
  if (&slot != &s.dynamic_slot) b.static_shared += bytes;
  check_size(b);
  return mine.memory;
}

void* dynamic_shared_memory(std::size_t alignment) {
  std::size_t& own = scheduler.here().dynamic_alignment;
  if (own == 0) own = alignment;
  return shared_memory(scheduler.dynamic_slot, scheduler.grid.dynamic_shared, own);
}

SharedWindow shared_window() {
  const std::size_t alignment = scheduler.here().dynamic_alignment;
  if (alignment == 0) fail_thread("shared memory", "there is no dynamic shared memory");
  return {static_cast<char*>(dynamic_shared_memory(alignment)), alignment, scheduler.grid.dynamic_shared};
}

unsigned shared_address(const void* pointer) {
  const SharedWindow window = shared_window();
  const auto offset = static_cast<std::size_t>(static_cast<const char*>(pointer) - window.memory);
  if (offset >= window.bytes)
    fail_thread("shared_address", "the address is not in the dynamic shared memory");
  return static_cast<unsigned>(window.address + offset);
}

void* shared_memory_of(unsigned rank, const void* here) {
  Scheduler& s = scheduler;
  if (rank >= s.grid.cluster) {
    fail_thread(Site{"shared_memory_of"}, "the cluster has no block %u: it has %u", rank, s.grid.cluster);
  }
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

}  // namespace glow::cuda_on_cpu
