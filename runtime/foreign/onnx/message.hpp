// A message of Protocol Buffers on the wire. Source: https://protobuf.dev/programming-guides/encoding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace glow::foreign::onnx {

/// Fields by their numbers, appended one after the other; a repeated field is appended for each of its
/// values.
class Message {
 public:
  /// Of a whole number, an enumeration or a boolean.
  Message& number(int field, std::int64_t value) {
    varint(static_cast<std::uint64_t>(field) << 3);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  /// Of a text or of bytes.
  Message& text(int field, std::string_view value) {
    varint(static_cast<std::uint64_t>(field) << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(int field, const Message& value) { return text(field, value.bytes()); }

  const std::string& bytes() const& { return bytes_; }
  std::string bytes() && { return std::move(bytes_); }

 private:
  // Seven bits a byte, the lowest first; all but the last byte have the eighth bit.
  void varint(std::uint64_t n) {
    for (; n >= 128; n >>= 7) bytes_ += static_cast<char>(n | 128);
    bytes_ += static_cast<char>(n);
  }

  std::string bytes_;
};

}  // namespace glow::foreign::onnx
