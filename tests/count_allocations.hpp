// Counts all that asks for memory in the binary of tests.
#pragma once

#include <atomic>

namespace glow::test {

/// Allocations so far, of all threads: operator new, malloc and posix_memalign.
extern std::atomic<long> allocations;

}  // namespace glow::test
