// Any bytes as a tar archive: they are refused with a FileError, or every member lies within them.
#include <cstdlib>
#include <cstring>

#include <glow/data/tar.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    glow::TarReader reader("fuzzed", size, [&](std::uint64_t first, std::span<std::uint8_t> to) {
      if (first > size || to.size() > size - first) std::abort();
      std::memcpy(to.data(), data + first, to.size());
    });
    std::uint64_t end = 0;
    while (const auto member = reader.next()) {
      if (member->header < end || member->data < member->header + 512) std::abort();
      if (member->data > size || member->size > size - member->data) std::abort();
      if (member->name.find('\0') != std::string::npos || member->name.size() > 4096) std::abort();
      end = member->data + member->size;
    }
  } catch (const glow::FileError&) {
  }
  return 0;
}
