// The sum of a tensor over all ranks, with the same bits on each: every rank adds up one piece of it, in the
// order of ops/sum_tree.hpp, and shares the result. A rank sends and receives 2 (N - 1) / N of the tensor, as
// in a ring, which is the least that is possible. Source: R. Thakur, R. Rabenseifner, W. Gropp, Optimization
// of Collective Communication Operations in MPICH, IJHPCA 2005 (reduce-scatter by pairwise exchange,
// allgather).
#pragma once

#include <algorithm>
#include <vector>

#include <glow/core/tensor.hpp>
#include <glow/ops/cpu/pointwise.hpp>
#include <glow/ops/sum_tree.hpp>
#include <glow/ranks/communicator.hpp>
#include <glow/ranks/compression.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The pieces of `numbers` that ranks add up: that of rank r begins at number piece_of(numbers, r, ranks).
inline Index piece_of(Index numbers, Index rank, Index ranks) { return numbers * rank / ranks; }

/// The same of all ranks [ranks + 1] in bytes, of which a number has `bytes`.
inline std::vector<std::size_t> pieces_of(Index numbers, Index ranks, std::size_t bytes) {
  std::vector<std::size_t> bounds;
  for (Index r = 0; r <= ranks; ++r)
    bounds.push_back(static_cast<std::size_t>(piece_of(numbers, r, ranks)) * bytes);
  return bounds;
}

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

  template <class Number>
  static std::span<Number> numbers(View<Number> x) {
    return {x.data(), static_cast<std::size_t>(x.size())};
  }

  // The sum of what is sent; `add_up(first, received)` leaves that of this rank's piece, which begins at
  // number `first`, in its place there, from every rank's.
  template <class Sent, class AddUp>
  void sum(Communicator& ranks, View<Sent> x, std::vector<Sent>& received, AddUp add_up) {
    const Index n = ranks.size();
    const std::vector<std::size_t> bounds = pieces_of(x.size(), n, sizeof(Sent));
    const Index first = piece_of(x.size(), ranks.rank(), n),
                count = piece_of(x.size(), ranks.rank() + 1, n) - first;
    received.resize(static_cast<std::size_t>(n * count));
    ranks.exchange(std::as_bytes(numbers(x)), bounds, std::as_writable_bytes(std::span(received)));
    if (count > 0) add_up(first, View<Sent>(received.data(), {n, count}));
    ranks.share(std::as_writable_bytes(numbers(x)), bounds);
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
    const View<Bf16> sent(sent_.data(), x.shape());
    to_bf16(View<const T>(x), sent);
    sum(ranks, sent, received_bf16_, [&](Index first, View<Bf16> pieces) {
      received_.resize(received_bf16_.size());
      const View<T> wide(received_.data(), pieces.shape()), own = wide.samples(ranks.rank(), 1);
      from_bf16(View<const Bf16>(pieces), wide);
      copy(View<T>(x.data() + first, own.shape()), own);
      add_pieces(wide);
      to_bf16(View<const T>(wide.samples(0, 1)), View<Bf16>(sent.data() + first, own.shape()));
    });
    from_bf16(View<const Bf16>(sent), x);
  }

  static void add_pieces(View<T> pieces) {
    for_each_sum_of_tree(pieces.batch(),
                         [&](Index to, Index from) { add(pieces.samples(from, 1), pieces.samples(to, 1)); });
  }

  Compression compression_;
  std::vector<T> received_;
  std::vector<Bf16> sent_, received_bf16_;
};

}  // namespace glow
