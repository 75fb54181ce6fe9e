// Hashes that stay the same from one version and machine to another, to recognise names and contents by.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace glow::app {

/// XXH3 of 64 bits. Source: Y. Collet, https://github.com/Cyan4973/xxHash.
std::uint64_t hash_of(std::span<const std::byte> bytes);

/// The same of a text.
inline std::uint64_t hash_of(std::string_view text) { return hash_of(std::as_bytes(std::span(text))); }

/// 16 hexadecimal digits.
std::string hash_text(std::uint64_t hash);

}  // namespace glow::app
