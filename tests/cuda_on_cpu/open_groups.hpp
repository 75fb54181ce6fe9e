// What a CUDA thread has begun and not waited for, in groups that it commits: copies (async_copy.hpp),
// products (wgmma.hpp).
#pragma once

#include <cstddef>

namespace glow::cuda_on_cpu {

/// Operations of type T, which has a member `group`, oldest first. No std::vector: the scheduler's code must
/// not share instances of templates with instrumented code. Of this one, open_groups.cpp makes the instances.
template <class T>
class OpenGroups {
 public:
  /// Adds an operation to the group that is not committed yet.
  void begin(T operation);
  void commit() { ++group_; }
  /// Takes the next operation that is due when only the `allowed` newest committed groups may stay open.
  bool take_due(int allowed, T* operation);
  void clear();

 private:
  T* open_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  int group_ = 0;
};

}  // namespace glow::cuda_on_cpu
