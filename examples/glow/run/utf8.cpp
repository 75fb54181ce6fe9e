#include "run/utf8.hpp"

#include <cstdint>

namespace glow::app {

namespace {

constexpr std::uint32_t replacement = 0xF700;  // and the byte, which is 0x80 or above

// A character of UTF-8, with its length in bytes; length 0 for what is none.
struct Character {
  std::uint32_t code = 0;
  std::size_t length = 0;
};

Character character_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  std::uint32_t code = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least[length] || code > 0x10FFFF || surrogate) return {};
  return {code, length};
}

bool stands_for_byte(const Character& c) {
  return c.code >= replacement + 0x80 && c.code <= replacement + 0xFF;
}

void append_replacement(std::string& text, std::uint8_t byte) {
  const std::uint32_t code = replacement + byte;
  text += static_cast<char>(0xE0 | code >> 12);
  text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  text += static_cast<char>(0x80 | (code & 0x3F));
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const Character c = character_at(bytes);
    const std::size_t length = c.length == 0 ? 1 : c.length;
    for (const char byte : bytes.substr(0, length)) {
      if (c.length == 0 || stands_for_byte(c)) {
        append_replacement(text, static_cast<std::uint8_t>(byte));
      } else {
        text += byte;
      }
    }
    bytes.remove_prefix(length);
  }
  return text;
}

std::string from_utf8(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const Character c = character_at(text);
    const std::size_t length = c.length == 0 ? 1 : c.length;
    if (stands_for_byte(c)) {
      bytes += static_cast<char>(c.code - replacement);
    } else {
      bytes += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return bytes;
}

}  // namespace glow::app
