// The bytes of a file that is being made, in order, without copies of the numbers in it.
#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <glow/io/atomic_file.hpp>

namespace glow::foreign {

/// Appends the bytes of a whole number to a text, the lowest first.
template <std::unsigned_integral U>
void append_little_endian(std::string& text, U number) {
  for (std::size_t i = 0; i < sizeof(U); ++i) text += static_cast<char>(number >> (8 * i) & 255);
}

/// Text that it owns, and bytes of others, which must last as long.
class Parts {
 public:
  Parts() = default;
  Parts(Parts&&) = default;
  Parts& operator=(Parts&&) = default;

  /// Appends bytes of its own.
  void own(std::string text) {
    owned_.push_back(std::move(text));
    borrow(bytes_of(owned_.back()));
  }
  /// Appends bytes of another.
  void borrow(glow::Bytes bytes) {
    parts_.push_back(bytes);
    size_ += bytes.size();
  }
  /// Appends those of `other`.
  void borrow(const Parts& other) {
    for (const glow::Bytes& part : other.all()) borrow(part);
  }

  const std::vector<glow::Bytes>& all() const { return parts_; }
  /// Bytes in all.
  std::uint64_t size() const { return size_; }

 private:
  std::deque<std::string> owned_;  // whose elements stay where they are
  std::vector<glow::Bytes> parts_;
  std::uint64_t size_ = 0;
};

}  // namespace glow::foreign
