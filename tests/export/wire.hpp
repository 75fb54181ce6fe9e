// A message of Protocol Buffers, read back from the wire.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <glow/core/error.hpp>

namespace glow::test {

/// The fields of a message, by their numbers, in their order.
class WireMessage {
 public:
  explicit WireMessage(const std::string& bytes) : bytes_(bytes) {
    while (at_ < bytes_.size()) {
      const std::uint64_t tag = varint();
      const int field = static_cast<int>(tag >> 3);
      if ((tag & 7) == 0) {
        numbers_[field].push_back(static_cast<std::int64_t>(varint()));
      } else {
        require((tag & 7) == 2, "wire type ", tag & 7, " of field ", field);
        const std::uint64_t size = varint();
        require(size <= bytes_.size() - at_, "field ", field, " is cut short");
        texts_[field].push_back(bytes_.substr(at_, size));
        at_ += size;
      }
    }
  }

  std::vector<std::int64_t> numbers(int field) const { return values(numbers_, field); }
  std::vector<std::string> texts(int field) const { return values(texts_, field); }
  std::vector<WireMessage> messages(int field) const {
    std::vector<WireMessage> all;
    for (const std::string& text : texts(field)) all.emplace_back(text);
    return all;
  }
  /// Of a field that stands once.
  std::int64_t number(int field) const { return numbers(field).at(0); }
  std::string text(int field) const { return texts(field).at(0); }
  WireMessage message(int field) const { return WireMessage(text(field)); }

 private:
  template <class T>
  static std::vector<T> values(const std::map<int, std::vector<T>>& fields, int field) {
    const auto it = fields.find(field);
    return it == fields.end() ? std::vector<T>() : it->second;
  }

  std::uint64_t varint() {
    std::uint64_t n = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.at(at_++));
      n |= std::uint64_t{byte & 127U} << shift;
      if (byte < 128) return n;
    }
  }

  std::string bytes_;
  std::size_t at_ = 0;
  std::map<int, std::vector<std::int64_t>> numbers_;
  std::map<int, std::vector<std::string>> texts_;
};

}  // namespace glow::test
