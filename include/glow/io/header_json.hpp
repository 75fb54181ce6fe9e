// The little JSON that a safetensors header is: an object of objects whose values are strings, or arrays of
// unsigned integers. Anything else is refused, with the place. (A general JSON library would make one more
// dependency of every user.)
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <glow/core/error.hpp>

namespace glow::detail {

/// Value of a header's inner object.
using HeaderValue = std::variant<std::string, std::vector<std::uint64_t>>;
using HeaderObject = std::map<std::string, HeaderValue>;
using Header = std::vector<std::pair<std::string, HeaderObject>>;  // in the order of the file

/// Strict reader; throws CheckpointError "... at byte n of the header".
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}

  Header read() {
    Header header;
    object([&](std::string key) {
      for (const auto& [name, object] : header) check(name != key, "the key '" + key + "' stands twice");
      HeaderObject inner;
      object([&](std::string inner_key) {
        check(inner.count(inner_key) == 0, "the key '" + inner_key + "' stands twice");
        HeaderValue v = value();
        inner.emplace(std::move(inner_key), std::move(v));
      });
      header.emplace_back(std::move(key), std::move(inner));
    });
    check(at_ == text_.size(), "there is text after the end");
    return header;
  }

 private:
  void check(bool ok, const std::string& what) const {
    require<CheckpointError>(ok, what, " at byte ", at_, " of the header");
  }
  void skip() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }
  bool accept(char c) {
    skip();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) { check(accept(c), std::string("expected '") + c + "'"); }

  template <class Entry>
  void object(Entry entry) {
    expect('{');
    if (!accept('}')) {
      do {
        skip();
        std::string key = string();
        expect(':');
        entry(std::move(key));
      } while (accept(','));
      expect('}');
    }
    skip();
  }

  HeaderValue value() {
    skip();
    if (at_ < text_.size() && text_[at_] == '"') return string();
    check(accept('['), "expected a string or an array of integers");
    std::vector<std::uint64_t> numbers;
    if (accept(']')) return numbers;
    do {
      numbers.push_back(number());
    } while (accept(','));
    expect(']');
    return numbers;
  }

  std::uint64_t number() {
    skip();
    std::uint64_t n = 0;
    const std::size_t first = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      check(n <= (UINT64_MAX - digit) / 10, "the number is too large");
      n = n * 10 + digit;
    }
    check(at_ > first, "expected an unsigned integer");
    check(at_ == first + 1 || text_[first] != '0', "a number must not start with 0");
    return n;
  }

  std::string string() {
    expect('"');
    std::string out;
    for (;;) {
      check(at_ < text_.size(), "the string has no end");
      const char c = text_[at_++];
      if (c == '"') return out;
      check(static_cast<unsigned char>(c) >= 0x20, "a string must not hold control characters");
      if (c == '\\') {
        escape(out);
      } else {
        out += c;
      }
    }
  }

  void escape(std::string& out) {
    check(at_ < text_.size(), "the string has no end");
    const char c = text_[at_++];
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view values = "\"\\/\b\f\n\r\t";
    if (const auto i = names.find(c); i != std::string_view::npos) {
      out += values[i];
      return;
    }
    check(c == 'u', "there is no such escape");
    std::uint32_t code = hex();
    if (code >= 0xD800 && code < 0xDC00) {
      check(text_.substr(at_, 2) == "\\u", "half of a surrogate pair");
      at_ += 2;
      const std::uint32_t low = hex();
      check(low >= 0xDC00 && low < 0xE000, "half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    check(code < 0xDC00 || code >= 0xE000, "half of a surrogate pair");
    append_utf8(out, code);
  }

  std::uint32_t hex() {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      constexpr std::string_view digits = "0123456789abcdefABCDEF";
      const auto d = at_ < text_.size() ? digits.find(text_[at_]) : std::string_view::npos;
      check(d != std::string_view::npos, "expected four hexadecimal digits");
      code = code * 16 + static_cast<std::uint32_t>(d < 16 ? d : d - 6);
    }
    return code;
  }

  static void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
      put(0xC0 | code >> 6);
    } else {
      if (code < 0x10000) {
        put(0xE0 | code >> 12);
      } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
      }
      put(0x80 | (code >> 6 & 0x3F));
    }
    put(0x80 | (code & 0x3F));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// `text` as a JSON string, quotes included.
inline std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char digits[] = "0123456789abcdef";
      out += "\\u00";
      out += digits[c >> 4];
      out += digits[c & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace glow::detail
