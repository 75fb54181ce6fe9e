// The share of a batch that one rank takes.
#pragma once

#include <glow/ranks/alone.hpp>
#include <glow/ranks/communicator.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Images first ... first + count - 1 of a batch of `all`.
struct Share {
  Index first, count, all;
  std::vector<Index> counts = {};  ///< of every rank; empty where there is one
};

/// The share of a rank that has `count` images, when those of lower ranks come before them.
inline Share share_of(Alone, Index count) { return {0, count, count}; }
inline Share share_of(Communicator& ranks, Index count) {
  if (ranks.size() == 1) return {0, count, count};
  Share share{0, count, 0, gather(ranks, count)};
  for (int r = 0; r < ranks.size(); ++r) {
    const Index n = share.counts[static_cast<std::size_t>(r)];
    if (r < ranks.rank()) share.first += n;
    share.all += n;
  }
  return share;
}

/// Numbers [all] of every image, from this rank's [count].
template <class T>
std::vector<T> gather(Communicator& ranks, const Share& share, std::span<const T> mine) {
  const auto most = static_cast<std::size_t>(*std::max_element(share.counts.begin(), share.counts.end()));
  std::vector<T> padded(mine.begin(), mine.end()), all(most * share.counts.size()), found;
  padded.resize(most);
  ranks.gather(std::as_bytes(std::span(padded)), std::as_writable_bytes(std::span(all)));
  for (std::size_t r = 0; r < share.counts.size(); ++r) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(r * most);
    found.insert(found.end(), first, first + share.counts[r]);
  }
  return found;
}

}  // namespace glow
