// Kept: what the forward pass of training sets aside for the backward pass, so that this need not compute it
// again.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include <glow/core/arena.hpp>
#include <glow/core/named_values.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Which activations of coupling networks training keeps from the forward pass, as far as a budget lasts.
/// What is not kept is computed again from the flow's own state; gradients are the same to rounding.
enum class Activations {
  flat,       ///< none: memory does not grow with depth
  lean,       ///< the second hidden layer's and the output
  fast,       ///< both hidden layers' and the output
  automatic,  ///< fast if all of it fits the budget, else lean
};

namespace detail {
inline constexpr std::array<std::string_view, 4> activations_names{"flat", "lean", "fast", "auto"};
}

/// "flat", "lean", "fast" or "auto".
constexpr std::string_view name_of(Activations a) {
  return detail::activations_names[static_cast<std::size_t>(a)];
}

/// The inverse of name_of; throws Error for another name.
inline Activations activations_of(std::string_view name) {
  return value_named<Activations>("activations", detail::activations_names, name);
}

/// Bytes that a layer may keep: the part that `lean` keeps, and what `fast` keeps besides.
using ActivationBytes = std::array<std::size_t, 2>;

/// Records of layers on device D, last in, first out: each layer pushes one in its forward pass and pops it
/// in its backward pass. Memory is kept from step to step.
template <class D>
class Kept {
 public:
  /// What a layer set aside, null where it did not: the parts of which `lean` keeps the first.
  using Record = std::array<void*, 2>;

  /// Keeps at most `budget` bytes; `activations` is not automatic.
  Kept(Activations activations, std::size_t budget) : activations_(activations), budget_(budget) {}

  /// Room for parts of these sizes in bytes, as far as the choice of activations and the budget go.
  Record push(const ActivationBytes& bytes) {
    entries_.push_back({arena_->mark(), used_, {}});
    Entry& e = entries_.back();
    for (std::size_t i = 0; i < static_cast<std::size_t>(activations_); ++i) {
      if (used_ + bytes[i] > budget_) break;
      e.record[i] = arena_->allocate(bytes[i]);
      used_ += bytes[i];
    }
    return e.record;
  }
  /// The last record that was pushed.
  const Record& top() const { return entries_.back().record; }
  void pop() {
    used_ = entries_.back().used_before;
    arena_->release(entries_.back().mark);
    entries_.pop_back();
  }
  /// Bytes held from the device.
  std::size_t capacity() const { return arena_->capacity(); }
  /// Drops all records.
  void clear() {
    while (!entries_.empty()) pop();
  }

 private:
  struct Entry {
    typename Arena<D>::Mark mark;
    std::size_t used_before;
    Record record;
  };

  Activations activations_;
  std::size_t budget_;
  std::size_t used_ = 0;
  std::unique_ptr<Arena<D>> arena_ = std::make_unique<Arena<D>>();
  std::vector<Entry> entries_;
};

/// The records of a batch's groups of images (flow/groups.hpp), each group's apart.
template <class D>
class KeptGroups {
 public:
  /// Keeps at most `budget` bytes in all.
  KeptGroups(Activations activations, std::size_t budget) : activations_(activations), budget_(budget) {}

  /// Gets ready for n groups, which may keep `all` bytes together. Records of a forward pass that no backward
  /// pass followed are lost.
  void prepare(Index n, const ActivationBytes& all) {
    if (static_cast<std::size_t>(n) == groups_.size()) {
      for (Kept<D>& group : groups_) group.clear();
      return;
    }
    const bool fits = all[0] + all[1] <= budget_;
    const Activations chosen = activations_ != Activations::automatic ? activations_
                               : fits                                 ? Activations::fast
                                                                      : Activations::lean;
    groups_.clear();
    for (Index g = 0; g < n; ++g) groups_.emplace_back(chosen, budget_ / static_cast<std::size_t>(n));
  }
  /// The images of the batch of which each forward pass takes a part: its groups are cut as those of the
  /// whole, so that their gradients are the same however it is parted. 0: each pass is a batch of its own.
  void part_of(Index whole) { whole_ = whole; }
  Index whole(Index batch) const { return whole_ == 0 ? batch : whole_; }
  /// Bytes held from the device.
  std::size_t capacity() const {
    std::size_t n = 0;
    for (const Kept<D>& group : groups_) n += group.capacity();
    return n;
  }
  Kept<D>& operator[](Index group) { return groups_[static_cast<std::size_t>(group)]; }

 private:
  Activations activations_;
  std::size_t budget_;
  Index whole_ = 0;
  std::vector<Kept<D>> groups_;
};

}  // namespace glow
