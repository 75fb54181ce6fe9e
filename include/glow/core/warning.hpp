// Warnings of the library: one line each, through a hook that a program may set.
#pragma once

#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Takes one warning: a line of text without its end, on the thread that met its cause.
using WarningHandler = std::function<void(const std::string& text)>;

namespace detail {

struct Warnings {
  std::mutex mutex;
  WarningHandler handler = [](const std::string& text) {
    std::fprintf(stderr, "glow: warning: %s\n", text.c_str());
  };

  static Warnings& instance() {
    static Warnings warnings;
    return warnings;
  }
};

}  // namespace detail

/// Hands the library's warnings to `handler` from now on, on all threads; at first they are lines on standard
/// error. Without a handler (nullptr) they are dropped. Returns the handler before.
inline WarningHandler on_warning(WarningHandler handler) {
  auto& warnings = detail::Warnings::instance();
  const std::lock_guard<std::mutex> lock(warnings.mutex);
  return std::exchange(warnings.handler, std::move(handler));
}

/// Warns with the joined text of `args`.
template <class... Args>
void warn(const Args&... args) {
  auto& warnings = detail::Warnings::instance();
  std::unique_lock<std::mutex> lock(warnings.mutex);
  const WarningHandler handler = warnings.handler;
  lock.unlock();
  if (handler) handler(join(args...));
}

}  // namespace glow
