// WorkQueue: work that a thread of its own does in order, or whoever waits for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Does one piece of work after another beside its caller. The thread starts with the first one.
class WorkQueue {
 public:
  WorkQueue() = default;
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  ~WorkQueue() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  void push(std::function<void()> work) {
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_.push_back(std::move(work));
    }
    changed_.notify_all();
  }

  /// Returns when all is done; throws what a piece of work threw, after which those behind it were dropped.
  void finish() {
    std::unique_lock<std::mutex> lock(mutex_);
    // The caller does what the thread has not begun: there it need not be waited for.
    while (!waiting_.empty() || busy_) {
      if (busy_) {
        changed_.wait(lock);
      } else {
        run_next(lock);
      }
    }
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  void run() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stopping_ || (!busy_ && !waiting_.empty()); });
      if (stopping_) return;
      run_next(lock);
    }
  }

  void run_next(std::unique_lock<std::mutex>& lock) {
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    std::exception_ptr error;
    try {
      work();
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    busy_ = false;
    if (error) {
      error_ = error;
      waiting_.clear();
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool busy_ = false, stopping_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace glow
