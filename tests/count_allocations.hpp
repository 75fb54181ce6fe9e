// Counts all that asks for memory in the binary of tests.
#pragma once

#include <atomic>
#include <cstddef>

namespace glow::test {

/// Allocations so far, of all threads: operator new, malloc and posix_memalign.
extern std::atomic<long> allocations;

/// Bytes held by operator new with an alignment, which is what tensors and arenas of the CPU come from.
extern std::atomic<std::size_t> device_bytes;

}  // namespace glow::test
