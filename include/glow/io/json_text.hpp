// The parts of JSON that files of models hold, read strictly: readers of one kind of text derive from
// JsonText. (A general JSON library would make one more dependency of every user.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

/// Where `text` first is no UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF); its
/// size if it is UTF-8 throughout.
inline std::size_t end_of_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
  std::size_t at = 0;
  while (at < text.size()) {
    const unsigned lead = byte(at), next = byte(at + 1);
    std::size_t length = 1;
    unsigned least = 0x80, most = 0xBF;  // of the second byte
    if (lead >= 0x80) {
      length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      if (lead == 0xE0) least = 0xA0;
      if (lead == 0xED) most = 0x9F;
      if (lead == 0xF0) least = 0x90;
      if (lead == 0xF4) most = 0x8F;
      if (lead < 0xC2 || lead > 0xF4 || next < least || next > most) return at;
    }
    for (std::size_t i = 2; i < length; ++i) {
      if ((byte(at + i) & 0xC0) != 0x80) return at;
    }
    at += length;
  }
  return at;
}

/// A text that is read from its beginning, in time and memory linear in it. Throws CheckpointError "... at
/// byte n of `where`".
class JsonText {
 protected:
  /// Throws CheckpointError for a text that is not UTF-8.
  JsonText(std::string_view text, std::string_view where) : text_(text), where_(where) {
    at_ = end_of_utf8(text_);
    if (at_ < text_.size()) fail("the text is not UTF-8");
    at_ = 0;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw CheckpointError(join(what, " at byte ", at_, " of ", where_));
  }
  void check(bool ok, const char* what) const {
    if (!ok) fail(what);
  }
  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  void skip() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }
  bool accept(char c) {
    skip();
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("expected '") + c + "'");
  }

  // Calls entry(key) where the value of each key begins.
  template <class Entry>
  void object(Entry entry) {
    std::unordered_set<std::string> keys;
    expect('{');
    if (!accept('}')) {
      do {
        skip();
        std::string key = string();
        if (!keys.insert(key).second) fail("the key '" + key + "' stands twice");
        expect(':');
        entry(std::move(key));
      } while (accept(','));
      expect('}');
    }
    skip();
  }

  void check_end() const {
    if (at_ != text_.size()) fail("there is text after the end");
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

  std::string_view text_, where_;
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
