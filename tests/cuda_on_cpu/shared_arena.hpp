// Shared memory of the blocks that run: each declaration gets exactly its size, an address aligned to no more
// than it asks, and bytes 0xFF, which are NaN.
#pragma once

#include <cstddef>

namespace glow::cuda_on_cpu {

class SharedArena {
 public:
  void begin_grid();
  void begin_cluster();
  void end_grid();
  void* allocate(std::size_t bytes, std::size_t alignment);
  /// Addresses that no other block of the grid uses; nothing is written there.
  void* allocate_untouched(std::size_t bytes);

 private:
  void* place(std::size_t bytes, std::size_t alignment);
  void free_blocks();

  struct Chunk;
  Chunk* first_ = nullptr;
  Chunk* chunk_ = nullptr;
  std::size_t used_ = 0;
  void* heap_[256] = {};
  int on_heap_ = 0;
};

}  // namespace glow::cuda_on_cpu
