// The sum of a tensor over all ranks, with the same bits on each: every rank adds up one piece of it, in the
// order of ops/sum_tree.hpp, and shares the result. A rank sends and receives 2 (N - 1) / N of the tensor, as
// in a ring, which is the least that is possible. Source: R. Thakur, R. Rabenseifner, W. Gropp, Optimization
// of Collective Communication Operations in MPICH, IJHPCA 2005 (reduce-scatter by pairwise exchange,
// allgather).
#pragma once

#include <algorithm>
#include <vector>

#include <glow/core/bf16.hpp>
#include <glow/core/tensor.hpp>
#include <glow/ops/cpu/pointwise.hpp>
#include <glow/ops/sum_tree.hpp>
#include <glow/ranks/communicator.hpp>
#include <glow/ranks/compression.hpp>

namespace glow {

/// Adds up tensors over ranks; it keeps its memory from call to call. All ranks call it alike.
template <class T>
class SumOfRanks {
 public:
  explicit SumOfRanks(Compression compression = Compression::none) : compression_(compression) {}

  /// x = the sum of all ranks' x. On one rank it is x itself.
  void operator()(Communicator& ranks, View<T> x) {
    if (ranks.size() == 1) return;
    // A piece's bytes are an int in MPI.
    for (Index first = 0; first < x.size(); first += most) {
      const View<T> part(x.data() + first, {std::min(most, x.size() - first)});
      if (compression_ == Compression::none) {
        sum_whole(ranks, part);
      } else {
        sum_rounded(ranks, part);
      }
    }
  }

 private:
  static constexpr Index most = Index{1} << 27;  // numbers that are summed at a time

  static Bf16 rounded(T v) { return Bf16(static_cast<float>(v)); }
  static T widened(Bf16 v) { return static_cast<T>(static_cast<float>(v)); }

  template <class Number>
  static std::span<Number> numbers(View<Number> x) {
    return {x.data(), static_cast<std::size_t>(x.size())};
  }

  // The sum of what is sent; `add_up(first, received)` leaves that of this rank's piece, which begins at
  // number `first`, in its place there, from every rank's.
  template <class Sent, class AddUp>
  void sum(Communicator& ranks, View<Sent> x, std::vector<Sent>& received, AddUp add_up) {
    const Index n = ranks.size();
    const auto bound = [&](Index r) { return x.size() * r / n; };
    bounds_.clear();
    for (Index r = 0; r <= n; ++r) bounds_.push_back(static_cast<std::size_t>(bound(r)) * sizeof(Sent));
    const Index first = bound(ranks.rank()), count = bound(ranks.rank() + 1) - first;
    received.resize(static_cast<std::size_t>(n * count));
    ranks.exchange(std::as_bytes(numbers(x)), bounds_, std::as_writable_bytes(std::span(received)));
    if (count > 0) add_up(first, View<Sent>(received.data(), {n, count}));
    ranks.share(std::as_writable_bytes(numbers(x)), bounds_);
  }

  void sum_whole(Communicator& ranks, View<T> x) {
    sum(ranks, x, received_, [&](Index first, View<T> pieces) {
      add_pieces(pieces);
      copy(pieces.samples(0, 1), View<T>(x.data() + first, {1, pieces.shape()[1]}));
    });
  }

  // What a rank adds itself is not rounded before.
  void sum_rounded(Communicator& ranks, View<T> x) {
    sent_.resize(static_cast<std::size_t>(x.size()));
    std::transform(x.begin(), x.end(), sent_.begin(), rounded);
    sum(ranks, View<Bf16>(sent_.data(), x.shape()), received_bf16_, [&](Index first, View<Bf16> pieces) {
      received_.resize(received_bf16_.size());
      std::transform(pieces.begin(), pieces.end(), received_.begin(), widened);
      const View<T> wide(received_.data(), pieces.shape()), own = wide.samples(ranks.rank(), 1);
      copy(View<T>(x.data() + first, own.shape()), own);
      add_pieces(wide);
      std::transform(wide.begin(), wide.begin() + own.size(), sent_.begin() + first, rounded);
    });
    std::transform(sent_.begin(), sent_.end(), x.begin(), widened);
  }

  static void add_pieces(View<T> pieces) {
    for_each_sum_of_tree(pieces.batch(),
                         [&](Index to, Index from) { add(pieces.samples(from, 1), pieces.samples(to, 1)); });
  }

  Compression compression_;
  std::vector<std::size_t> bounds_;
  std::vector<T> received_;
  std::vector<Bf16> sent_, received_bf16_;
};

}  // namespace glow
