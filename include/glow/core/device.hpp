// Devices are tags that know how to hold memory. The tags live in glow::ops, so that an unqualified call such
// as `actnorm_forward(x, ...)` finds, by argument-dependent lookup, the overloads of the tensor's own device,
// whichever headers were included first.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>

#include <glow/core/huge_pages.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {
namespace ops {

/// The host: plain memory aligned to a cache line, every thread of the machine.
struct Cpu {
  static constexpr bool host_memory = true;     // host code may read and write elements
  static constexpr std::size_t alignment = 64;  // bytes: a cache line and the widest vector register

  static void* allocate(std::size_t bytes) {
    void* const p = ::operator new (bytes, std::align_val_t{alignment});
    glow::detail::advise_huge_pages(p, bytes);
    return p;
  }
  static void deallocate(void* p) noexcept { ::operator delete (p, std::align_val_t{alignment}); }
  static void copy(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }
  static void clear(void* p, std::size_t bytes) {
    if (bytes > 0) std::memset(p, 0, bytes);
  }
};

/// Returns when the device has done all that the calling thread asked of it: the host has, always.
inline void synchronize(Cpu) {}

}  // namespace ops

using ops::Cpu;

}  // namespace glow
