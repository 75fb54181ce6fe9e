// How much memory a program holds.
#pragma once

#include <cstddef>

namespace glow::benchmarks {

/// Bytes in use.
struct MemoryUse {
  std::size_t now = 0;
  std::size_t peak = 0;  ///< at most so far
};

/// What operator new has given: counted_memory.cpp, wherever it is linked, replaces it to count. Every tensor
/// and arena of the host is held by it.
MemoryUse host_memory();

}  // namespace glow::benchmarks
