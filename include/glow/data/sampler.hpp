// The order in which images are seen: every epoch a permutation of its own, that depends on (seed, epoch)
// alone.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <glow/core/random.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A place in the sequence of images: all that is needed to go on from there.
struct Position {
  Index epoch = 0;
  Index offset = 0;  ///< images of the epoch already seen

  friend bool operator==(const Position&, const Position&) = default;
};

/// How the images of an epoch are put in order.
struct Shuffle {
  /// 0: every order of all images is equally likely. N: the shards are put in a random order, and what they
  /// hold, one after the other, is shuffled in windows of N images. So an image comes among those of its
  /// window, and each window reads a few places of the storage. This is a buffer of N images that is filled,
  /// shuffled and emptied.
  Index window = 0;
  std::vector<Index> shards = {};  ///< the first image of each, ascending from 0; empty: all are one shard
};

/// Endless sequence over images 0 ... count - 1, permuted anew every epoch (Fisher and Yates's shuffle). It
/// takes 8 bytes an image.
class Sampler {
 public:
  /// Throws Error for an empty set, a position outside it, a negative window, and shards that do not begin at
  /// 0, descend or lie outside the set.
  Sampler(Index count, std::uint64_t seed, Position position = {}, Shuffle how = {})
      : random_{seed, 2}, order_(), position_(position), how_(std::move(how)) {
    require(count > 0, "Sampler: there are no images");
    require(position.epoch >= 0 && position.offset >= 0 && position.offset <= count, "Sampler: position ",
            position.offset, " of epoch ", position.epoch, " lies outside the ", count, " images");
    require(how_.window >= 0, "Sampler: a window of ", how_.window, " images must not be negative");
    if (how_.shards.empty()) how_.shards = {0};
    require(how_.shards.front() == 0 && how_.shards.back() <= count &&
                std::is_sorted(how_.shards.begin(), how_.shards.end()),
            "Sampler: the first images of shards must ascend from 0, up to ", count);
    order_.resize(static_cast<std::size_t>(count));
    shuffle();
  }

  /// The next image; at the end of an epoch the next one begins.
  Index next() {
    if (position_.offset == count()) {
      position_ = {position_.epoch + 1, 0};
      shuffle();
    }
    return order_[static_cast<std::size_t>(position_.offset++)];
  }

  const Position& position() const { return position_; }
  /// The images of this epoch, in their order.
  std::span<const Index> order() const { return order_; }
  Index count() const { return static_cast<Index>(order_.size()); }

  /// The epoch's images from `offset` to the end of the window after the one that this lies in; none for an
  /// order without windows.
  std::span<const Index> soon(Index offset) const {
    if (how_.window == 0 || offset >= count()) return {};
    const Index left = count() - offset, to_the_end = how_.window - offset % how_.window;
    const Index soon = std::min(left, to_the_end + std::min(left, how_.window));
    return std::span(order_).subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(soon));
  }

 private:
  void shuffle() {
    const Random epoch = random_.fork(static_cast<std::uint64_t>(position_.epoch));
    if (how_.window == 0) {
      std::iota(order_.begin(), order_.end(), Index{0});
      return permute(order_, epoch, 0);
    }
    const std::vector<Index>& first = how_.shards;
    std::vector<Index> shards(first.size());
    std::iota(shards.begin(), shards.end(), Index{0});
    permute(shards, epoch.fork(0), 0);
    auto to = order_.begin();
    for (const Index s : shards) {
      const auto k = static_cast<std::size_t>(s);
      const auto last = to + ((k + 1 < first.size() ? first[k + 1] : count()) - first[k]);
      std::iota(to, last, first[k]);
      to = last;
    }
    const auto window = static_cast<std::size_t>(std::min(how_.window, count()));
    for (std::size_t at = 0; at < order_.size(); at += window)
      permute(std::span(order_).subspan(at, std::min(window, order_.size() - at)), epoch, at);
  }

  // Permutes `items` by the draws from `first` on.
  static void permute(std::span<Index> items, const Random& random, std::size_t first) {
    for (std::size_t i = items.size(); i-- > 1;) {
      const auto w = random.words(first + i);
      // A 64-bit draw: its bias in i + 1 <= 2^40 choices is below 2^-24 and the same everywhere.
      const std::uint64_t draw = std::uint64_t{w[0]} << 32 | w[1];
      std::swap(items[i], items[static_cast<std::size_t>(draw % (i + 1))]);
    }
  }

  Random random_;
  std::vector<Index> order_;
  Position position_;
  Shuffle how_;
};

}  // namespace glow
