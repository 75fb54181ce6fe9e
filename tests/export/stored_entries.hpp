// The entries of a zip file that is stored, read by its directory, with all that must agree.
#pragma once

#include <map>

#include "files.hpp"
#include "foreign/crc32.hpp"
#include "support.hpp"

namespace glow::test {

/// A little-endian number of so many bytes within a text.
inline std::uint64_t number_at(const std::string& text, std::size_t at, std::size_t bytes) {
  std::uint64_t n = 0;
  for (std::size_t i = bytes; i-- > 0;) n = n << 8 | static_cast<unsigned char>(text.at(at + i));
  return n;
}

/// Contents by name; the directory, the headers before the contents and the check sums must fit one another,
/// and each content begins at a multiple of 64 bytes.
inline std::map<std::string, std::string> stored_entries(const std::string& zip) {
  constexpr std::size_t end_size = 22, entry_size = 46, local_size = 30;
  REQUIRE(zip.size() >= end_size);
  const std::size_t end = zip.size() - end_size;
  REQUIRE(number_at(zip, end, 4) == 0x06054B50);
  const std::uint64_t count = number_at(zip, end + 10, 2);
  CHECK(number_at(zip, end + 8, 2) == count);
  std::size_t at = number_at(zip, end + 16, 4);
  CHECK(at + number_at(zip, end + 12, 4) == end);
  std::map<std::string, std::string> entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    REQUIRE(number_at(zip, at, 4) == 0x02014B50);
    const std::size_t name_size = number_at(zip, at + 28, 2), local = number_at(zip, at + 42, 4);
    const std::string name = zip.substr(at + entry_size, name_size);
    INFO(name);
    REQUIRE(number_at(zip, local, 4) == 0x04034B50);
    CHECK(zip.substr(local + 4, 24) == zip.substr(at + 6, 24));  // version to the name's length
    CHECK(zip.substr(local + local_size, name_size) == name);
    CHECK(number_at(zip, at + 10, 2) == 0);  // stored
    const std::size_t begin = local + local_size + name_size + number_at(zip, local + 28, 2);
    CHECK(begin % 64 == 0);
    const std::string content = zip.substr(begin, number_at(zip, at + 24, 4));
    CHECK(number_at(zip, at + 20, 4) == content.size());
    foreign::Crc32 crc;
    crc.add(bytes_of(content));
    CHECK(number_at(zip, at + 16, 4) == crc.value());
    CHECK(entries.emplace(name, content).second);
    at += entry_size + name_size;
  }
  CHECK(at == end);
  return entries;
}

}  // namespace glow::test
