// Interruptible: calls that take long end early when their caller wishes.
#pragma once

#include <functional>
#include <utility>

#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// While it lives, calls of this thread that work through many samples, which are the verbs of AnyModel and
/// bits_per_dim, call `check` before each part of them. What `check` throws ends the call, and reaches its
/// caller. For programs that must answer meanwhile: the Python module asks for Ctrl-C.
class Interruptible {
 public:
  explicit Interruptible(std::function<void()> check) : outer_(std::exchange(check_, std::move(check))) {}
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
  ~Interruptible() { check_ = std::move(outer_); }

  /// Calls the thread's `check`, if there is one.
  static void check() {
    if (check_) check_();
  }

 private:
  static inline thread_local std::function<void()> check_;
  std::function<void()> outer_;
};

}  // namespace glow
