// Runs the blocks and threads of a grid on one thread of the host, one cluster of blocks after the other; one
// block where a launch asks for no clusters. Each CUDA thread runs until it ends or waits (at a barrier, or
// for its warp); a thread that waits keeps its stack, and another goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <cuda_on_cpu/limits.hpp>
#include <vector_types.h>

namespace glow::cuda_on_cpu {

/// What threadIdx and its kin read. Plain globals that the scheduler sets at each switch; never thread_local,
/// whose address a compiler may keep over a switch.
struct Coordinates {
  uint3 thread{};
  uint3 block{};
  dim3 block_dim;
  dim3 grid_dim;
  unsigned cluster_blocks = 1;
  unsigned block_in_cluster = 0;
};
extern Coordinates coordinates;

/// Where in the kernel's source a thread waits.
struct Site {
  const char* what = "";
  const char* file = "";
  int line = 0;
};

/// How a barrier folds the predicates of its threads.
struct Votes {
  int count = 0;
  int threads = 0;
};

/// Waits for all live threads of the block.
Votes barrier(Site site, bool predicate);

/// What the last lane to arrive does for all: `lanes[i]` is lane i's argument, null for a lane that is
/// absent.
using WarpFunction = void (*)(void* const* lanes);

/// Waits for all live lanes in `mask`.
void warp_wait(unsigned mask, void* argument, WarpFunction function, Site site);

/// The calling thread's place in its warp, and its warp's lanes that have not ended.
unsigned lane_index();
unsigned live_lanes();

/// The calling thread's warp in its warpgroup.
unsigned warp_in_group();

/// One GLOW_SHARED declaration: where its memory is in each block of the cluster that runs now.
struct SharedSlot {
  struct {
    std::uint64_t cluster = 0;
    void* memory = nullptr;
  } of_block[max_cluster];
};
void* shared_memory(SharedSlot& slot, std::size_t bytes, std::size_t alignment);
void* dynamic_shared_memory(std::size_t alignment);

/// The dynamic shared memory of the calling thread's block, `bytes` from `address` within shared memory on:
/// at the alignment that was asked for, and at no larger one.
struct SharedWindow {
  char* memory;
  std::uint64_t address;
  std::size_t bytes;

  /// The 16 bytes at an address. Fails where they lie outside.
  char* at(std::uint64_t a) const;
};
SharedWindow shared_window();
unsigned shared_address(const void* pointer);

/// What lies in block `rank` of the cluster where `here` lies in the calling thread's, with its declaration's
/// memory from there on. Fails where that block has not come to the declaration, or has ended.
void* shared_memory_of(unsigned rank, const void* here);

/// True where the thread has called __threadfence: its atomics then order memory.
bool has_fenced();
void set_fenced();

/// Ends the grid with an error, and never returns to the kernel, whose stack is given up as it is: so no
/// std::string here. The second form also says where in the kernel, and takes a format of printf.
[[noreturn]] void fail_thread(const char* what, const char* message);
[[noreturn]] __attribute__((format(printf, 2, 3))) void fail_thread(Site site, const char* format, ...);

inline char* SharedWindow::at(std::uint64_t a) const {
  if (a < address || a + 16 > address + bytes) {
    fail_thread("shared memory", "an address is not in the dynamic shared memory");
  }
  return memory + (a - address);
}

struct Grid {
  const char* what = "";
  dim3 grid;
  dim3 block;
  unsigned cluster = 1;  // blocks, along x
  std::size_t dynamic_shared = 0;
  std::size_t allowed_dynamic = 0;  // by cudaFuncSetAttribute; 0: not asked for
  void (*body)(const void* arguments) = nullptr;
  const void* arguments = nullptr;
};

/// Runs all blocks; the report of what went wrong, or nothing.
std::string run_grid(const Grid& grid);

}  // namespace glow::cuda_on_cpu
