// Large pages for large memory: an array that is walked in steps of some KiB, as matrices are, else takes a
// lookup of an address for every few of its rows.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>

#include <glow/version.hpp>
#endif

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

#if defined(__linux__)

/// Asks the system for pages of 2 MiB, where whole ones of [p, p + bytes) can be. What it makes of that
/// changes nothing but speed.
inline void advise_huge_pages(void* p, std::size_t bytes) noexcept {
  constexpr std::uintptr_t page = std::uintptr_t{2} << 20;
  const auto begin = reinterpret_cast<std::uintptr_t>(p), first = (begin + page - 1) / page * page;
  const std::uintptr_t last = (begin + bytes) / page * page;
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

#else

inline void advise_huge_pages(void*, std::size_t) noexcept {}

#endif

}  // namespace glow::detail
