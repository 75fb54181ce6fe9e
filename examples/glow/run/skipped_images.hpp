// Images of a run that cannot be decoded.
#pragma once

#include <mutex>
#include <set>
#include <string>

#include <glow/core/warning.hpp>

namespace glow::app {

/// Warns of each once, however often it is met, and on whichever thread.
class SkippedImages {
 public:
  /// `failure`: see Dataset::failure.
  void add(const std::string& failure) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (failures_.insert(failure).second) warn(failure, "; skipped");
  }
  std::size_t count() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return failures_.size();
  }

 private:
  std::mutex mutex_;
  std::set<std::string> failures_;
};

}  // namespace glow::app
