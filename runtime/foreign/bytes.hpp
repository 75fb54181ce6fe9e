// Little-endian numbers in a file's bytes, within bounds.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <glow/core/error.hpp>

namespace glow::foreign {

/// Reads a part of a file from its beginning to its end. What does not fit throws FileError with the file,
/// the part's name and the byte.
class Bytes {
 public:
  Bytes(std::span<const std::byte> all, std::string file, std::string part)
      : all_(all), file_(std::move(file)), part_(std::move(part)) {}

  std::size_t at() const { return at_; }
  std::size_t left() const { return all_.size() - at_; }
  void go_to(std::size_t at) {
    check(at <= all_.size(), "it ends here, where byte ", at, " is needed");
    at_ = at;
  }

  /// The next number.
  template <class T>
  T read() {
    static_assert(std::endian::native == std::endian::little);
    T value;
    const auto bytes = take(sizeof(T));
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }

  /// The next n bytes.
  std::span<const std::byte> take(std::uint64_t n) {
    check(n <= left(), "it ends here, with ", n - std::min<std::uint64_t>(n, left()), " bytes missing");
    const auto bytes = all_.subspan(at_, static_cast<std::size_t>(n));
    at_ += bytes.size();
    return bytes;
  }
  std::string text(std::uint64_t n) {
    const auto bytes = take(n);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// Up to the next line feed, which is taken and left out.
  std::string line() {
    std::string text;
    for (char c; (c = read<char>()) != '\n';) text += c;
    return text;
  }

  /// Throws FileError at this place unless `condition` holds.
  template <class... Args>
  void check(bool condition, const Args&... args) const {
    check_at(at_, condition, args...);
  }
  template <class... Args>
  void check_at(std::size_t place, bool condition, const Args&... args) const {
    if (!condition) throw FileError(join("'", file_, "': ", part_, ", byte ", place, ": ", join(args...)));
  }

 private:
  std::span<const std::byte> all_;
  std::size_t at_ = 0;
  std::string file_, part_;
};

}  // namespace glow::foreign
