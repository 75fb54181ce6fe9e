#include "out_of_memory/failing_new.hpp"

#include <cstdlib>
#include <new>

namespace glow::test {

std::atomic<long> until_failure{-1};

}  // namespace glow::test

namespace {

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (glow::test::until_failure.load(std::memory_order_relaxed) >= 0 &&
      glow::test::until_failure.fetch_sub(1) == 0)
    throw std::bad_alloc();
  void* const p = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(std::size_t n) { return allocate(n, 16); }
void* operator new(std::size_t n, std::align_val_t a) { return allocate(n, static_cast<std::size_t>(a)); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
  try {
    return allocate(n, 16);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
