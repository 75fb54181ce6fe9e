// Tar archives made byte by byte, for tests of what reads them.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <glow/io/atomic_file.hpp>

namespace glow::test {

/// A header's field of octal digits: `size` bytes, the last of them zero.
inline std::string octal(std::uint64_t n, std::size_t size) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%0*llo", static_cast<int>(size) - 1,
                static_cast<unsigned long long>(n));
  return std::string(digits) + '\0';
}

/// A header's 512 bytes with `text` at `at`, and a checksum that is right.
inline std::string with_field(std::string header, std::size_t at, const std::string& text) {
  header.replace(at, text.size(), text);
  header.replace(148, 8, 8, ' ');
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<std::uint8_t>(c);
  return header.replace(148, 8, octal(sum, 7) + ' ');
}

/// The header of a POSIX ustar member.
inline std::string tar_header(const std::string& name, std::uint64_t size, char type = '0') {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  header.replace(100, 8, octal(0644, 8));
  header.replace(124, 12, octal(size, 12));
  header[156] = type;
  header.replace(257, 8, std::string("ustar\00000", 8));
  return with_field(header, 257, "ustar");
}

/// Contents, filled up to whole blocks.
inline std::string in_blocks(const std::string& contents) {
  return contents + std::string((512 - contents.size() % 512) % 512, '\0');
}

/// A member with its header.
inline std::string tar_member(const std::string& name, const std::string& contents, char type = '0') {
  return tar_header(name, contents.size(), type) + in_blocks(contents);
}

/// A pax header that says `key` is `value` of the next member.
inline std::string pax_header(const std::string& key, const std::string& value, char type = 'x') {
  const std::string rest = " " + key + "=" + value + "\n";
  std::size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() != length) ++length;
  return tar_member("PaxHeaders/x", std::to_string(length) + rest, type);
}

/// What ends an archive.
inline const std::string tar_end(1024, '\0');

/// Writes an archive of members.
inline void write_tar(const std::filesystem::path& path, const std::string& members) {
  write_file_atomically(path, members + tar_end);
}

}  // namespace glow::test
