// System calls that a signal interrupts, for tests of what happens then.
#pragma once

#include <atomic>

namespace glow::test {

/// How often the next system calls of each kind, open, read, write, fsync and rename, fail with EINTR. The
/// linker wraps them for the tests (--wrap).
extern std::atomic<int> interruptions;
/// Calls that failed so.
extern std::atomic<int> interrupted_calls;

}  // namespace glow::test
