#include "fiber.hpp"

#include <cstdio>
#include <cstdlib>

#include <sys/mman.h>

#if defined(GLOW_EMULATION_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#elif defined(GLOW_EMULATION_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace glow::cuda_on_cpu {

namespace detail = boost::context::detail;

namespace {

#if defined(GLOW_EMULATION_ASAN) || defined(GLOW_EMULATION_TSAN)
constexpr std::size_t stack_size = 256 * 1024;  // sanitizers make frames large
#else
constexpr std::size_t stack_size = 128 * 1024;
#endif
constexpr std::size_t guard_size = 4096;

// Pages are only reserved: a stack costs what it touches. An overflow meets the guard page.
char* make_stack() {
  void* p = mmap(nullptr, guard_size + stack_size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED || mprotect(p, guard_size, PROT_NONE) != 0) {
    std::fputs("cuda_on_cpu: no memory for the stack of a CUDA thread\n", stderr);
    std::abort();
  }
  return static_cast<char*>(p) + guard_size;
}

}  // namespace

void Fiber::be_this_thread() {
#if defined(GLOW_EMULATION_TSAN)
  tsan_ = __tsan_get_current_fiber();
#endif
}

Fiber::Fiber(void (*entry)(), unsigned colour, Fiber* same_thread)
    : entry_(entry),
      stack_(make_stack()),
      size_(stack_size),
      top_(stack_size - 192 * (colour % 64)),
      same_thread_(same_thread) {
  restart();
}

void Fiber::restart() {
  context_ = detail::make_fcontext(stack_ + top_, top_, &Fiber::start);
  fake_stack_ = nullptr;
#if defined(GLOW_EMULATION_ASAN)
  __asan_unpoison_memory_region(stack_, size_);
#elif defined(GLOW_EMULATION_TSAN)
  if (same_thread_ != nullptr) return;
  if (tsan_ !=
      nullptr) {  // what it did is over for the caller: a switch there and back, each with its ordering
    void* const caller = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(tsan_, 0);
    __tsan_switch_to_fiber(caller, 0);
    __tsan_destroy_fiber(tsan_);
  }
  tsan_ = __tsan_create_fiber(0);
#endif
}

void Fiber::switch_to(Fiber& to) {
#if defined(GLOW_EMULATION_ASAN)
  const bool own = to.stack_ != nullptr;
  __sanitizer_start_switch_fiber(&fake_stack_, own ? to.stack_ : to.seen_stack_,
                                 own ? to.size_ : to.seen_size_);
#elif defined(GLOW_EMULATION_TSAN)
  // no_sync: a switch orders nothing in CUDA; barriers say what they order.
  __tsan_switch_to_fiber(to.same_thread_ != nullptr ? to.same_thread_->tsan_ : to.tsan_,
                         __tsan_switch_to_fiber_no_sync);
#endif
  Jump jump{this, &to};
  arrive(detail::jump_fcontext(to.context_, &jump));
}

void Fiber::start(detail::transfer_t from) {
  Fiber& fiber = *static_cast<Jump*>(from.data)->to;
  fiber.arrive(from);
  fiber.entry_();
}

// Runs in the fiber that was switched to: notes where the one left goes on.
void Fiber::arrive(detail::transfer_t from) {
  Fiber& left = *static_cast<Jump*>(from.data)->from;
  left.context_ = from.fctx;
#if defined(GLOW_EMULATION_ASAN)
  __sanitizer_finish_switch_fiber(fake_stack_, &left.seen_stack_, &left.seen_size_);
#endif
}

}  // namespace glow::cuda_on_cpu
