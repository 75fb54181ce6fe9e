// Any bytes as a tar archive: they are refused with a FileError, or every member lies within them. Once as
// they are, and once with checksums that are right, which few mutations are.
#include <cstdlib>
#include <cstring>

#include <glow/data/tar.hpp>

namespace {

void correct_checksum(std::span<std::uint8_t> header) {
  std::fill_n(header.begin() + 148, 8, std::uint8_t{' '});
  unsigned sum = 0;
  for (const std::uint8_t byte : header) sum += byte;
  for (std::size_t i = 154; i-- > 148; sum /= 8) header[i] = static_cast<std::uint8_t>('0' + sum % 8);
}

void read(std::span<const std::uint8_t> archive, bool corrected) {
  const auto read_at = [&](std::uint64_t first, std::span<std::uint8_t> to) {
    if (first > archive.size() || to.size() > archive.size() - first) std::abort();
    std::memcpy(to.data(), archive.data() + first, to.size());
    const bool zeros = std::all_of(to.begin(), to.end(), [](std::uint8_t b) { return b == 0; });
    if (corrected && to.size() == glow::TarReader::block && !zeros) correct_checksum(to);
  };
  glow::TarReader reader("fuzzed", archive.size(), read_at);
  std::uint64_t end = 0;
  while (const auto member = reader.next()) {
    if (member->header < end || member->data < member->header + glow::TarReader::block) std::abort();
    if (member->data > archive.size() || member->size > archive.size() - member->data) std::abort();
    if (member->name.find('\0') != std::string::npos || member->name.size() > 4096) std::abort();
    end = member->data + member->size;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const bool corrected : {false, true}) {
    try {
      read({data, size}, corrected);
    } catch (const glow::FileError&) {
    }
  }
  return 0;
}
