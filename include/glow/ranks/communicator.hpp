// Communicator: what the ranks of a training say to one another. Ranks are processes that each hold the whole
// model, take a part of every batch, and add up their gradients.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <glow/core/error.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Thrown where ranks cannot work together: one of them does not answer, or has other settings.
class RankError : public Error {
 public:
  using Error::Error;
};

class GpuRanks;

/// The ranks 0 ... size - 1 that work together, as one of them sees it. All verbs are called by all ranks in
/// the same order, by one thread of each at a time; data lie in host memory. They move bytes and add nothing:
/// so what ranks compute does not depend on how a network orders its messages.
class Communicator {
 public:
  virtual ~Communicator() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// `all` [size * mine.size()] = what every rank gave, in the order of ranks; each gives as much.
  virtual void gather(std::span<const std::byte> mine, std::span<std::byte> all) = 0;
  /// `data` becomes that of rank 0; it is of one size.
  virtual void broadcast(std::span<std::byte> data) = 0;

  /// Piece r of data is bytes bounds[r] ... bounds[r + 1] - 1: it goes to rank r, and `received` gets this
  /// rank's piece from every rank, in the order of ranks. bounds [size + 1] are the same everywhere.
  virtual void exchange(std::span<const std::byte> data, std::span<const std::size_t> bounds,
                        std::span<std::byte> received) = 0;
  /// Each rank has its own piece of data; afterwards all have all.
  virtual void share(std::span<std::byte> data, std::span<const std::size_t> bounds) = 0;

  /// The same ranks for memory of a GPU (ranks/cuda/gpu_ranks.hpp); null where data must come to the host
  /// first.
  virtual GpuRanks* on_gpu() { return nullptr; }

  /// For a rank that cannot go on while others wait for it: ends them, too, if they are processes. May
  /// return.
  virtual void abort(int status) { static_cast<void>(status); }
};

/// What every rank gave, in the order of ranks.
template <class Value>
std::vector<Value> gather(Communicator& ranks, const Value& mine) {
  std::vector<Value> all(static_cast<std::size_t>(ranks.size()));
  ranks.gather(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)));
  return all;
}

/// The same of texts of any length.
inline std::vector<std::string> gather(Communicator& ranks, const std::string& mine) {
  const auto sizes = gather(ranks, mine.size());
  const std::size_t longest = *std::max_element(sizes.begin(), sizes.end());
  std::string padded = mine, all(longest * sizes.size(), '\0');
  padded.resize(longest);
  ranks.gather(std::as_bytes(std::span(padded)), std::as_writable_bytes(std::span(all)));
  std::vector<std::string> texts;
  for (std::size_t r = 0; r < sizes.size(); ++r) texts.push_back(all.substr(r * longest, sizes[r]));
  return texts;
}

/// x becomes that of rank 0.
template <class T, class D>
void broadcast(Communicator& ranks, View<T, D> x) {
  std::vector<T> here(static_cast<std::size_t>(x.size()));
  transfer(View<const T, D>(x), View<T, Cpu>(here.data(), x.shape()));
  ranks.broadcast(std::as_writable_bytes(std::span(here)));
  transfer(View<const T, Cpu>(here.data(), x.shape()), x);
}

}  // namespace glow
