#include "shared_arena.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/mman.h>

namespace glow::cuda_on_cpu {

struct SharedArena::Chunk {
  Chunk* next = nullptr;
  char* memory = nullptr;
};

namespace {

constexpr std::size_t chunk_size = std::size_t{8} << 20;

// Not memset: ThreadSanitizer intercepts it, and the filling is no access of the thread that happens to come
// first.
void fill(void* p, std::size_t bytes) {
#if defined(GLOW_EMULATION_TSAN)
  void* to = p;
  std::size_t count = bytes;
  asm volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(0xFF) : "memory");
#else
  std::memset(p, 0xFF, bytes);
#endif
}

}  // namespace

void SharedArena::begin_grid() {
  if (first_ == nullptr) {
    first_ = new Chunk;
    first_->memory = static_cast<char*>(mmap(nullptr, chunk_size, PROT_READ | PROT_WRITE,
                                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  }
  chunk_ = first_;
  used_ = 0;
}

void SharedArena::begin_cluster() {
  free_blocks();
#if !defined(GLOW_EMULATION_TSAN)
  used_ = 0;
#endif
}

void SharedArena::end_grid() { free_blocks(); }

void SharedArena::free_blocks() {
  while (on_heap_ > 0) std::free(heap_[--on_heap_]);
}

void* SharedArena::allocate(std::size_t bytes, std::size_t alignment) {
  void* p = place(bytes, alignment);
  fill(p, bytes);
  return p;
}

#if defined(GLOW_EMULATION_ASAN)

// On the heap, for its red zones: the last byte is the last that may be touched.
void* SharedArena::place(std::size_t bytes, std::size_t alignment) {
  void* p = nullptr;
  const std::size_t twice = 2 * alignment < sizeof(void*) ? sizeof(void*) : 2 * alignment;
  if (on_heap_ == 256 || posix_memalign(&p, twice, alignment + bytes) != 0) std::abort();
  heap_[on_heap_++] = p;
  return static_cast<char*>(p) + alignment;
}

#else

// At the first free address that is a multiple of `alignment` and of nothing larger.
void* SharedArena::place(std::size_t bytes, std::size_t alignment) {
  char* p = static_cast<char*>(allocate_untouched(bytes + 3 * alignment));
  const auto a = reinterpret_cast<std::uintptr_t>(p);
  std::uintptr_t to = (a + alignment - 1) / alignment * alignment;
  if (to % (2 * alignment) == 0) to += alignment;
  return p + (to - a);
}

#endif

// Under ThreadSanitizer memory must not be reused within a grid: two blocks' accesses to it would look like a
// race.
void* SharedArena::allocate_untouched(std::size_t bytes) {
  if (used_ + bytes > chunk_size) {
    if (chunk_->next == nullptr) {
      SharedArena fresh;
      fresh.begin_grid();
      chunk_->next = fresh.first_;
    }
    chunk_ = chunk_->next;
    used_ = 0;
  }
  char* p = chunk_->memory + used_;
  used_ += bytes;
  return p;
}

}  // namespace glow::cuda_on_cpu
