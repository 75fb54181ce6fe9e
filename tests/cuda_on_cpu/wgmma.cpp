#include "wgmma.hpp"

#include <cstdlib>

namespace glow::cuda_on_cpu {

void Wgmmas::begin(const Wgmma& product) {
  if (end_ == capacity_) {
    capacity_ = capacity_ == 0 ? 16 : 2 * capacity_;
    open_ = static_cast<Wgmma*>(std::realloc(open_, capacity_ * sizeof(Wgmma)));
    if (open_ == nullptr) std::abort();
  }
  open_[end_] = product;
  open_[end_++].group = group_;
}

bool Wgmmas::take_due(int allowed, Wgmma* product) {
  if (begin_ == end_ || open_[begin_].group >= group_ - allowed) {
    if (begin_ == end_) begin_ = end_ = 0;
    return false;
  }
  *product = open_[begin_++];
  return true;
}

void Wgmmas::clear() {
  begin_ = end_ = 0;
  group_ = 0;
}

}  // namespace glow::cuda_on_cpu
