// Work for all threads. A computation is cut into tasks by its size alone, never by the number of threads,
// and each task writes its own result: so the same input gives the same bits on any number of threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <glow/core/shape.hpp>

namespace glow {

/// A pool of threads that share the tasks of one loop at a time; the caller works along. Calls from within a
/// task, or from a second thread while a loop runs, are executed by their caller alone.
class ThreadPool {
 public:
  static ThreadPool& instance() {
    static ThreadPool pool(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
    return pool;
  }

  explicit ThreadPool(int threads) { resize(threads); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { stop(); }

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Sets the number of threads, the caller's included. Throws Error below 1. Not to be called from a task.
  void resize(int threads) {
    require(threads >= 1, "threads: ", threads, " must be at least 1");
    const std::lock_guard<std::mutex> own(running_);
    stop();
    stopping_ = false;
    for (int i = 1; i < threads; ++i) {
      workers_.emplace_back([this, seen = round_.load(std::memory_order_relaxed)] { work(seen); });
    }
  }

  /// Calls fn(i) for i = 0 ... count - 1, on any thread in any order, and returns when all are done. The
  /// first exception of a task is thrown again here, after the others have ended.
  template <class F>
  void run(Index count, F& fn) {
    run_calls(
        count, [](void* f, Index i) { (*static_cast<F*>(f))(i); },
        const_cast<void*>(static_cast<const void*>(&fn)));
  }

 private:
  using Call = void (*)(void* fn, Index i);

  // Apart from `run`, so that each use of it adds little to a program.
  void run_calls(Index count, Call call, void* fn) {
    std::unique_lock<std::mutex> own(running_, std::defer_lock);
    if (count <= 1 || workers_.empty() || inside() || !own.try_lock()) {
      for (Index i = 0; i < count; ++i) call(fn, i);
      return;
    }
    call_ = call;
    fn_ = fn;
    count_ = count;
    next_.store(0, std::memory_order_relaxed);
    pending_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    drain();
    // The last tasks end within microseconds of one another.
    for (int i = 0; i < looks && pending_.load(std::memory_order_acquire) != 0; ++i) pause();
    while (pending_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

  static bool& inside() {
    static thread_local bool flag = false;
    return flag;
  }

  void drain() {
    inside() = true;
    for (Index i; (i = next_.fetch_add(1, std::memory_order_relaxed)) < count_;) {
      try {
        call_(fn_, i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!error_) error_ = std::current_exception();
      }
    }
    inside() = false;
  }

  void work(unsigned seen) {
    for (;;) {
      for (int i = 0; i < looks && round_.load(std::memory_order_acquire) == seen; ++i) pause();
      if (round_.load(std::memory_order_acquire) == seen) {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return round_.load(std::memory_order_relaxed) != seen; });
      }
      seen = round_.load(std::memory_order_acquire);
      if (stopping_) return;
      drain();
      pending_.fetch_sub(1, std::memory_order_release);
    }
  }

  // A loop follows the last one within microseconds during a step, so a thread looks for it some 50 us before
  // it sleeps.
  static constexpr int looks = 2000;

  // Tells the processor that the thread waits, for some 30 ns.
  static void pause() {
#if defined(__x86_64__)
    for (int i = 0; i < 2; ++i) __builtin_ia32_pause();
#else
    std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
  }

  void stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    for (std::thread& t : workers_) t.join();
    workers_.clear();
  }

  std::vector<std::thread> workers_;
  std::mutex running_, mutex_;
  std::condition_variable wake_;
  std::atomic<unsigned> round_{0};
  std::atomic<Index> next_{0};
  std::atomic<int> pending_{0};
  Index count_ = 0;
  void* fn_ = nullptr;
  Call call_ = nullptr;
  std::exception_ptr error_;
  bool stopping_ = false;
};

/// Number of threads that CPU ops use; starts at the machine's.
inline int threads() { return ThreadPool::instance().size(); }

/// Sets the number of threads that CPU ops use; throws Error below 1. Results do not depend on it.
inline void set_threads(int n) { ThreadPool::instance().resize(n); }

/// Calls fn(i) for i = 0 ... count - 1 on the library's threads; see ThreadPool::run.
template <class F>
void parallel_for(Index count, F&& fn) {
  ThreadPool::instance().run(count, fn);
}

/// A loop over 0 ... size in consecutive ranges of `grain`, of which the last may be shorter: fn(first,
/// last).
template <class F>
struct Ranges {
  Index size, grain;
  F fn;

  Index count() const { return (size + grain - 1) / grain; }
  void run(Index i) const { fn(i * grain, std::min(size, (i + 1) * grain)); }
};
template <class F>
Ranges(Index, Index, F) -> Ranges<F>;

/// All ranges of all loops, which must not depend on one another, on the library's threads: so that these
/// wait for one another once. Ranges begin in the order in which they are given; long ones come best first.
template <class... F>
void parallel_loops(const Ranges<F>&... loops) {
  parallel_for((loops.count() + ...), [&](Index i) {
    const auto run_or_pass = [&](const auto& loop) {
      const Index n = loop.count();
      if (i < n) loop.run(i);
      i -= n;
      return i < 0;
    };
    (void)(run_or_pass(loops) || ...);
  });
}

/// One such loop.
template <class F>
void parallel_ranges(Index size, Index grain, F&& fn) {
  parallel_loops(Ranges<F&>{size, grain, fn});
}

}  // namespace glow
