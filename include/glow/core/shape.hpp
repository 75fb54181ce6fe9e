// Extents of a tensor of rank 0 to 4, outermost first; images are [N, H, W, C].
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>

#include <glow/core/error.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Extents of a tensor, outermost first. Rank 0 is a scalar of size 1; at most rank 4.
class Shape {
 public:
  static constexpr int max_rank = 4;

  Shape() = default;
  /// Throws ShapeError for more than four or negative extents, and for more elements than memory can have.
  Shape(std::initializer_list<Index> extents) {
    require<ShapeError>(extents.size() <= max_rank, "Shape: rank ", extents.size(), " is above ", max_rank);
    for (const Index e : extents) extents_[static_cast<std::size_t>(rank_++)] = e;
    check();
  }

  int rank() const { return rank_; }
  Index operator[](int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
  Index back() const { return (*this)[rank_ - 1]; }

  /// Number of elements.
  Index size() const {
    Index n = 1;
    for (int i = 0; i < rank_; ++i) n *= (*this)[i];
    return n;
  }

  /// Appends an innermost extent; throws as the constructor does.
  void push_back(Index extent) {
    require<ShapeError>(rank_ < max_rank, "Shape: rank above ", max_rank);
    Shape longer = *this;
    longer.extents_[static_cast<std::size_t>(longer.rank_++)] = extent;
    longer.check();
    *this = longer;
  }

  /// The shape [n, ...] of n samples that have this shape.
  Shape samples(Index n) const {
    Shape s{n};
    for (int i = 0; i < rank_; ++i) s.push_back((*this)[i]);
    return s;
  }

  /// The same shape with the outermost extent (the batch of an image tensor) replaced by `n`.
  Shape with_batch(Index n) const {
    Shape s = *this;
    s.extents_[0] = n;
    s.check();
    return s;
  }

  /// The same shape with the innermost extent (channels) replaced by `n`.
  Shape with_back(Index n) const {
    Shape s = *this;
    s.extents_[static_cast<std::size_t>(rank_ - 1)] = n;
    s.check();
    return s;
  }

  /// "8x4x4x12"; a scalar prints as "1".
  std::string str() const {
    std::string s = rank_ == 0 ? "1" : std::to_string(extents_[0]);
    for (int i = 1; i < rank_; ++i) s += join("x", (*this)[i]);
    return s;
  }

  friend bool operator==(const Shape&, const Shape&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Shape& s) { return out << s.str(); }

 private:
  // No product of extents may wrap, nor the bytes of so many elements; a zero beside others excuses nothing.
  void check() const {
    constexpr Index most = PTRDIFF_MAX / 16;
    Index n = 1;
    for (int i = 0; i < rank_; ++i) {
      const Index e = (*this)[i];
      require<ShapeError>(e >= 0, "Shape: extent ", e, " must not be negative");
      require<ShapeError>(!__builtin_mul_overflow(n, e > 1 ? e : 1, &n) && n <= most, "Shape: ", *this,
                          " has more elements than memory can hold");
    }
  }

  std::array<Index, max_rank> extents_{};
  int rank_ = 0;
};

}  // namespace glow
