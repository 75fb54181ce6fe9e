// Files that gzip has packed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace glow::app {

/// What gzip has packed into these bytes of a file (RFC 1952), by zlib, whose checksums must fit; bytes that
/// do not begin as gzip's are given back as they are. `name` is for messages. Throws FileError if the file is
/// damaged or cut short, and for any packed one where the program was built without zlib.
std::vector<std::byte> unpacked(std::vector<std::byte> file, const std::string& name);

/// True for bytes that begin as a file of gzip does.
inline bool is_gzip(const std::vector<std::byte>& file) {
  return file.size() >= 2 && file[0] == std::byte{0x1f} && file[1] == std::byte{0x8b};
}

}  // namespace glow::app
