// operator new that fails when it is told to.
#pragma once

#include <atomic>

namespace glow::test {

/// Allocations by operator new, of all threads, that still succeed before one fails; below 0: none fails.
extern std::atomic<long> until_failure;

}  // namespace glow::test
