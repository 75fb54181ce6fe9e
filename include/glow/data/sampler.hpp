// The order in which images are seen: every epoch a permutation of its own, that depends on (seed, epoch)
// alone.
#pragma once

#include <numeric>
#include <utility>
#include <vector>

#include <glow/core/random.hpp>

namespace glow {

/// A place in the sequence of images: all that is needed to go on from there.
struct Position {
  Index epoch = 0;
  Index offset = 0;  ///< images of the epoch already seen

  friend bool operator==(const Position&, const Position&) = default;
};

/// Endless sequence over images 0 ... count - 1, permuted anew every epoch (Fisher and Yates's shuffle).
class Sampler {
 public:
  /// Throws Error for an empty set or a position outside it.
  Sampler(Index count, std::uint64_t seed, Position position = {})
      : random_{seed, 2}, order_(), position_(position) {
    require(count > 0, "Sampler: there are no images");
    require(position.epoch >= 0 && position.offset >= 0 && position.offset <= count, "Sampler: position ",
            position.offset, " of epoch ", position.epoch, " lies outside the ", count, " images");
    order_.resize(static_cast<std::size_t>(count));
    shuffle();
  }

  /// The next image; at the end of an epoch the next one begins.
  Index next() {
    if (position_.offset == static_cast<Index>(order_.size())) {
      position_ = {position_.epoch + 1, 0};
      shuffle();
    }
    return order_[static_cast<std::size_t>(position_.offset++)];
  }

  const Position& position() const { return position_; }
  Index count() const { return static_cast<Index>(order_.size()); }

 private:
  void shuffle() {
    std::iota(order_.begin(), order_.end(), Index{0});
    const Random epoch = random_.fork(static_cast<std::uint64_t>(position_.epoch));
    for (std::size_t i = order_.size(); i-- > 1;) {
      const auto w = epoch.words(i);
      // A 64-bit draw: its bias in i + 1 <= 2^40 choices is below 2^-24 and the same everywhere.
      const std::uint64_t draw = std::uint64_t{w[0]} << 32 | w[1];
      std::swap(order_[i], order_[static_cast<std::size_t>(draw % (i + 1))]);
    }
  }

  Random random_;
  std::vector<Index> order_;
  Position position_;
};

}  // namespace glow
