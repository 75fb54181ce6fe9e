// operator new that counts what it gives.
#include <atomic>
#include <cstdlib>
#include <new>

#include <malloc.h>

#include "model/memory_use.hpp"

namespace {

std::atomic<std::size_t> held{0};  // bytes now
std::atomic<std::size_t> peak{0};  // bytes at most

void* counted(void* p) {
  if (p == nullptr) throw std::bad_alloc();
  const std::size_t now = held += malloc_usable_size(p);
  for (std::size_t seen = peak; seen < now && !peak.compare_exchange_weak(seen, now);) {
  }
  return p;
}

void give_back(void* p) noexcept {
  held -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(std::malloc(bytes)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit));
}
void operator delete(void* p) noexcept { give_back(p); }
void operator delete(void* p, std::size_t) noexcept { give_back(p); }
void operator delete(void* p, std::align_val_t) noexcept { give_back(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { give_back(p); }

namespace glow::benchmarks {

MemoryUse host_memory() { return {held, peak}; }

}  // namespace glow::benchmarks
