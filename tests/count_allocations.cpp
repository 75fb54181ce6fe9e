// operator new is replaced here; malloc and posix_memalign are wrapped by the linker (--wrap).
#include "count_allocations.hpp"

#include <cstdlib>
#include <new>

#include <malloc.h>

namespace glow::test {

std::atomic<long> allocations{0};
std::atomic<std::size_t> device_bytes{0};

}  // namespace glow::test

namespace {

void* counted(std::size_t bytes, std::size_t alignment) {
  ++glow::test::allocations;
  void* p = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(std::size_t n) { return counted(n, 16); }
void* operator new(std::size_t n, std::align_val_t a) {
  void* const p = counted(n, static_cast<std::size_t>(a));
  glow::test::device_bytes += malloc_usable_size(p);
  return p;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept {
  glow::test::device_bytes -= malloc_usable_size(p);
  std::free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t a) noexcept { operator delete(p, a); }

extern "C" {
void* __real_malloc(std::size_t n);
int __real_posix_memalign(void** p, std::size_t a, std::size_t n);
void* __wrap_malloc(std::size_t n) {
  ++glow::test::allocations;
  return __real_malloc(n);
}
int __wrap_posix_memalign(void** p, std::size_t a, std::size_t n) {
  ++glow::test::allocations;
  return __real_posix_memalign(p, a, n);
}
}
