// The sum of the gradients of a batch's parts, which are computed one after another, in the order of
// ops/sum_tree.hpp.
#pragma once

#include <vector>

#include <glow/core/tensor.hpp>
#include <glow/ops/cpu/pointwise.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Sums up flat tensors, the parts of a sum. It holds the sum of 2^k parts for each bit k of the number of
/// parts that it has taken, so n parts take log2(n) times a part's memory.
template <class T, class D>
class PartSums {
 public:
  /// Takes the next part, whose memory may be written to afterwards.
  void keep(View<T, D> part) {
    std::size_t k = 0;
    for (; (taken_ >> k & 1) != 0; ++k) add(View<const T, D>(sums_[k]), part);
    if (k == sums_.size()) sums_.emplace_back(part.shape());
    copy(View<const T, D>(part), sums_[k].view());
    ++taken_;
  }
  /// Numbers first ... of the last part += those of the parts that were taken.
  void add_to(View<T, D> numbers, Index first) const {
    for (std::size_t k = 0; taken_ >> k != 0; ++k) {
      if ((taken_ >> k & 1) != 0) add(View<const T, D>(sums_[k].data() + first, numbers.shape()), numbers);
    }
  }
  /// Begins another sum.
  void clear() { taken_ = 0; }

 private:
  std::vector<Tensor<T, D>> sums_;
  std::size_t taken_ = 0;
};

}  // namespace glow
