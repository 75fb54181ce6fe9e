#include "open_groups.hpp"

#include <cstdlib>

#include "async_copy.hpp"
#include "wgmma.hpp"

namespace glow::cuda_on_cpu {

template <class T>
void OpenGroups<T>::begin(T operation) {
  if (end_ == capacity_) {
    capacity_ = capacity_ == 0 ? 64 : 2 * capacity_;
    open_ = static_cast<T*>(std::realloc(open_, capacity_ * sizeof(T)));
    if (open_ == nullptr) std::abort();
  }
  operation.group = group_;
  open_[end_++] = operation;
}

template <class T>
bool OpenGroups<T>::take_due(int allowed, T* operation) {
  if (begin_ == end_ || open_[begin_].group >= group_ - allowed) {
    if (begin_ == end_) begin_ = end_ = 0;
    return false;
  }
  *operation = open_[begin_++];
  return true;
}

template <class T>
void OpenGroups<T>::clear() {
  begin_ = end_ = 0;
  group_ = 0;
}

template class OpenGroups<AsyncCopy>;
template class OpenGroups<Wgmma>;

}  // namespace glow::cuda_on_cpu
