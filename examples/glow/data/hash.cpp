#include "data/hash.hpp"

#include <cinttypes>
#include <cstdio>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace glow::app {

std::uint64_t hash_of(std::span<const std::byte> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string hash_text(std::uint64_t hash) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016" PRIx64, hash);
  return digits;
}

}  // namespace glow::app
