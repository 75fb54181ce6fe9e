// CRC-32 of zip files, the polynomial 0xEDB88320 with its bits reversed. Source: PKWARE, APPNOTE.TXT - .ZIP
// File Format Specification, section 4.4.7; the table by bytes is that of RFC 1952, section 8.
#pragma once

#include <array>
#include <cstdint>

#include <glow/io/atomic_file.hpp>

namespace glow::foreign {

/// The check sum of bytes that are given part by part.
class Crc32 {
 public:
  void add(glow::Bytes bytes) {
    for (const std::byte b : bytes)
      state_ = table[(state_ ^ static_cast<std::uint32_t>(b)) & 255] ^ state_ >> 8;
  }
  std::uint32_t value() const { return ~state_; }

 private:
  static constexpr std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      t[i] = i;
      for (int bit = 0; bit < 8; ++bit) t[i] = t[i] >> 1 ^ (t[i] & 1 ? 0xEDB88320U : 0U);
    }
    return t;
  }();

  std::uint32_t state_ = ~0U;
};

}  // namespace glow::foreign
