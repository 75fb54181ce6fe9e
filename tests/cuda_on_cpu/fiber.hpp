// A stack of its own and a place to go on from: what a waiting CUDA thread keeps.
#pragma once

#include <cstddef>

#include <boost/context/detail/fcontext.hpp>

namespace glow::cuda_on_cpu {

/// Lives as long as the process.
class Fiber {
 public:
  /// The host's thread itself: no stack is made.
  Fiber() = default;
  /// Says that *this is the thread that calls.
  void be_this_thread();
  /// A fiber that runs entry() at the first switch to it; `entry` never returns. `colour` staggers the
  /// stacks' tops, else all threads' frames would fall into the same cache sets. To ThreadSanitizer it is one
  /// thread with `same_thread`.
  Fiber(void (*entry)(), unsigned colour, Fiber* same_thread = nullptr);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Leaves the fiber that runs, which is *this, for `to`.
  void switch_to(Fiber& to);
  /// Drops whatever the fiber was doing; it starts anew at the next switch.
  void restart();

 private:
  struct Jump {
    Fiber* from;
    Fiber* to;
  };
  static void start(boost::context::detail::transfer_t from);
  void arrive(boost::context::detail::transfer_t from);

  boost::context::detail::fcontext_t context_ = nullptr;
  void (*entry_)() = nullptr;
  char* stack_ = nullptr;
  [[maybe_unused]] std::size_t size_ = 0;
  std::size_t top_ = 0;
  [[maybe_unused]] void* fake_stack_ = nullptr;        // AddressSanitizer's
  [[maybe_unused]] const void* seen_stack_ = nullptr;  // the bounds of a stack that this class did not make
  [[maybe_unused]] std::size_t seen_size_ = 0;
  [[maybe_unused]] Fiber* same_thread_ = nullptr;
  [[maybe_unused]] void* tsan_ = nullptr;  // ThreadSanitizer's
};

}  // namespace glow::cuda_on_cpu
