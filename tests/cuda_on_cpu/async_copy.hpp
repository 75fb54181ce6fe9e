// cp.async: a copy of 16 bytes from global to shared memory that is done only when its thread waits for it.
// Until then its destination holds NaN, so what reads it too early, or is still reading what it overwrites,
// shows.
#pragma once

#include <vector_types.h>

namespace glow::cuda_on_cpu {

struct AsyncCopy {
  void* to;
  const void* from;  // null: zeros
  int group;
};

/// Of the calling CUDA thread. In the scheduler's file.
void begin_async_copy(void* to, const void* from);
void commit_async_copies();
bool take_due_async_copy(int allowed, AsyncCopy* copy);

/// What kernels/ptx.cuh calls; addresses are aligned to 16 bytes. Assignments, not memcpy: compilers expand a
/// small memcpy in place without telling ThreadSanitizer.
inline void async_copy_16(void* shared, const void* global, bool valid) {
  *static_cast<uint4*>(shared) = {~0u, ~0u, ~0u, ~0u};
  begin_async_copy(shared, valid ? global : nullptr);
}

inline void await_async_copies(int allowed) {
  AsyncCopy copy;
  while (take_due_async_copy(allowed, &copy)) {
    *static_cast<uint4*>(copy.to) = copy.from != nullptr ? *static_cast<const uint4*>(copy.from) : uint4{};
  }
}

}  // namespace glow::cuda_on_cpu
