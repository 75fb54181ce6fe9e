// cp.async: a copy of 16 bytes from global to shared memory that is done only when its thread waits for it.
// Until then its destination holds NaN, so what reads it too early, or is still reading what it overwrites,
// shows.
#pragma once

#include <cstddef>
#include <cstring>

namespace glow::cuda_on_cpu {

struct AsyncCopy {
  void* to;
  const void* from;  // null: zeros
  int group;
};

/// The copies that one CUDA thread has begun and not waited for, oldest first. No std::vector: the
/// scheduler's code must not share instances of templates with instrumented code.
class AsyncCopies {
 public:
  void begin(void* to, const void* from);
  void commit() { ++group_; }
  /// Takes the next copy that is due when only the `allowed` newest committed groups may stay open.
  bool take_due(int allowed, AsyncCopy* copy);
  void clear();

 private:
  AsyncCopy* open_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  int group_ = 0;
};

/// Of the calling CUDA thread. In the scheduler's file.
void begin_async_copy(void* to, const void* from);
void commit_async_copies();
bool take_due_async_copy(int allowed, AsyncCopy* copy);

/// What kernels/ptx.cuh calls.
inline void async_copy_16(void* shared, const void* global, bool valid) {
  std::memset(shared, 0xFF, 16);
  begin_async_copy(shared, valid ? global : nullptr);
}

inline void await_async_copies(int allowed) {
  AsyncCopy copy;
  while (take_due_async_copy(allowed, &copy)) {
    if (copy.from != nullptr) {
      std::memcpy(copy.to, copy.from, 16);
    } else {
      std::memset(copy.to, 0, 16);
    }
  }
}

}  // namespace glow::cuda_on_cpu
