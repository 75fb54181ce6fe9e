// Sums over ranks beside other work: gradients of the last levels travel while those before are computed.
#pragma once

#include <type_traits>

#include <glow/core/timeline.hpp>
#include <glow/ranks/alone.hpp>
#include <glow/ranks/sum_of_ranks.hpp>
#include <glow/ranks/work_queue.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Adds up tensors of device D over ranks, one after another, on a thread of its own. A GPU's is in
/// ranks/cuda/overlapped_sum.hpp.
template <class T, class D = Cpu>
class OverlappedSum;

template <class T>
class OverlappedSum<T, Cpu> {
 public:
  /// `ranks` must outlive the object.
  explicit OverlappedSum(Communicator& ranks, Compression compression = Compression::none)
      : ranks_(ranks), sum_(compression) {}

  /// x becomes the sum of all ranks' x, and is not to be touched before `finish`.
  void begin(View<T> x) {
    queue_.push([this, x] { timed(timeline_, "sum", "ranks", [&] { sum_(ranks_, x); }); });
  }
  /// Returns when all sums are there; throws what went wrong with one of them.
  void finish() { queue_.finish(); }
  /// From now on `timeline` gets an event of the category "ranks" for each sum; null for none.
  void record(Timeline* timeline) { timeline_ = timeline; }

 private:
  Communicator& ranks_;
  SumOfRanks<T> sum_;
  Timeline* timeline_ = nullptr;
  WorkQueue queue_;
};

/// In place of it where there are no other ranks.
struct NoSum {
  NoSum(const Alone&, Compression) {}
};
template <class Ranks, class T, class D>
using SumFor = std::conditional_t<is_alone<Ranks>, NoSum, OverlappedSum<T, D>>;

}  // namespace glow
