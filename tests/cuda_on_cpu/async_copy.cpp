#include "async_copy.hpp"

#include <cstdlib>

namespace glow::cuda_on_cpu {

void AsyncCopies::begin(void* to, const void* from) {
  if (end_ == capacity_) {
    capacity_ = capacity_ == 0 ? 64 : 2 * capacity_;
    open_ = static_cast<AsyncCopy*>(std::realloc(open_, capacity_ * sizeof(AsyncCopy)));
    if (open_ == nullptr) std::abort();
  }
  open_[end_++] = {to, from, group_};
}

bool AsyncCopies::take_due(int allowed, AsyncCopy* copy) {
  if (begin_ == end_ || open_[begin_].group >= group_ - allowed) {
    if (begin_ == end_) begin_ = end_ = 0;
    return false;
  }
  *copy = open_[begin_++];
  return true;
}

void AsyncCopies::clear() {
  begin_ = end_ = 0;
  group_ = 0;
}

}  // namespace glow::cuda_on_cpu
