// Work for all threads. A computation is cut into tasks by its size alone, never by the number of threads,
// and each task writes its own result: so the same input gives the same bits on any number of threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pthread.h>

#include <glow/core/shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A pool of threads that share the tasks of one loop at a time; the caller works along. Calls from within a
/// task, or from a second thread while a loop runs, are executed by their caller alone. A loop never waits
/// for a thread that has not begun to work on it, so on a busy machine it is about as fast as its caller
/// alone.
class ThreadPool {
 public:
  /// The library's pool, made at the first call. A child process after `fork`, which has none of its parent's
  /// threads, makes its own. The threads end with the program.
  static ThreadPool& instance() {
    ThreadPool* const pool = instance_.load(std::memory_order_acquire);
    return pool != nullptr ? *pool : make_instance();
  }

  static constexpr int most_threads = 1024;

  explicit ThreadPool(int threads) { resize(threads); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { stop(); }

  int size() const { return size_.load(std::memory_order_relaxed); }

  /// Sets the number of threads, the caller's included, once a loop that runs on another thread has ended.
  /// Throws Error below 1, above `most_threads`, from within a task, and where the system refuses a thread:
  /// the caller's is then the only one.
  void resize(int threads) {
    require(threads >= 1 && threads <= most_threads, "threads: ", threads, " must be 1 to ", most_threads);
    require(!inside(), "threads: cannot be set from within a task of the library's threads");
    const std::lock_guard<std::mutex> own(running_);
    stop();
    stopping_ = false;
    try {
      for (int i = 1; i < threads; ++i) {
        workers_.emplace_back([this, seen = round(gate_.load(std::memory_order_relaxed))] { work(seen); });
      }
    } catch (const std::system_error& e) {
      const std::size_t started = workers_.size() + 1;
      stop();
      throw Error(join("threads: only ", started, " of ", threads, " could be started: ", e.what()));
    }
    size_.store(threads, std::memory_order_relaxed);
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

  // Apart from `instance`, which is called for every loop.
  static ThreadPool& make_instance() {
    static const StopAtExit stop_at_exit;
    // The threads and locks of the parent's pool cannot be used in the child: it is left as it is.
    [[maybe_unused]] static const int watches_forks = pthread_atfork(nullptr, nullptr, [] {
      if (ThreadPool* const pool = instance_.exchange(nullptr)) parents_ = pool;
    });
    auto own = std::make_unique<ThreadPool>(
        parents_ != nullptr
            ? parents_->size()
            : std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, most_threads));
    ThreadPool* other = nullptr;
    return instance_.compare_exchange_strong(other, own.get()) ? *own.release() : *other;
  }

  // The pool itself stays, for whatever runs after it at the program's end.
  struct StopAtExit {
    ~StopAtExit() {
      ThreadPool* const pool = instance_.load();
      if (pool != nullptr && !inside()) pool->resize(1);
    }
  };

  // Apart from `run`, so that each use of it adds little to a program.
  void run_calls(Index count, Call call, void* fn) {
    std::unique_lock<std::mutex> own(running_, std::defer_lock);
    if (count <= 1 || size() == 1 || inside() || !own.try_lock()) {
      for (Index i = 0; i < count; ++i) call(fn, i);
      return;
    }
    call_ = call;
    fn_ = fn;
    count_ = count;
    next_.store(0, std::memory_order_relaxed);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      gate_.fetch_add(one_round + open, std::memory_order_release);
    }
    wake_.notify_all();
    drain();
    gate_.fetch_sub(open, std::memory_order_relaxed);
    // The last tasks end within microseconds of one another.
    const auto all_left = [this] { return workers_inside(gate_.load(std::memory_order_acquire)) == 0; };
    while (!look_for(all_left)) std::this_thread::yield();
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

  void work(std::uint64_t seen) {
    for (;;) {
      const auto has_new_round = [&] { return round(gate_.load(std::memory_order_acquire)) != seen; };
      if (!look_for(has_new_round)) {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, has_new_round);
      }
      std::uint64_t gate = gate_.load(std::memory_order_acquire);
      seen = round(gate);
      if (stopping_) return;
      if (!enter(gate)) continue;
      drain();
      gate_.fetch_sub(one_inside, std::memory_order_release);
    }
  }

  // True once the calling worker is counted among those inside; false if the round is over.
  bool enter(std::uint64_t gate) {
    while ((gate & open) != 0) {
      if (gate_.compare_exchange_weak(gate, gate + one_inside, std::memory_order_acquire)) return true;
    }
    return false;
  }

  // A loop follows the last one within microseconds during a step, so a thread looks for it some 50 us before
  // it sleeps. Every microsecond it lets others have its core, who may be those that it waits for.
  template <class Condition>
  static bool look_for(const Condition& condition) {
    constexpr int looks = 2000, looks_per_yield = 32;
    for (int i = 1; i <= looks; ++i) {
      if (condition()) return true;
      if (i % looks_per_yield == 0) {
        std::this_thread::yield();
      } else {
        pause();
      }
    }
    return false;
  }

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
      gate_.fetch_add(one_round, std::memory_order_release);
    }
    wake_.notify_all();
    for (std::thread& t : workers_) t.join();
    workers_.clear();
    size_.store(1, std::memory_order_relaxed);
  }

  // The gate of the loops, in one number: whether the current one is open to workers, how many of them are
  // inside, and how many loops there have been.
  static constexpr std::uint64_t open = 1, one_inside = 2, one_round = std::uint64_t{1} << 32;
  static std::uint64_t round(std::uint64_t gate) { return gate / one_round; }
  static std::uint64_t workers_inside(std::uint64_t gate) { return gate % one_round / one_inside; }

  static inline std::atomic<ThreadPool*> instance_{nullptr};
  static inline ThreadPool* parents_ = nullptr;  // in a child process: the pool that it was forked with

  std::vector<std::thread> workers_;
  std::mutex running_, mutex_;
  std::condition_variable wake_;
  std::atomic<std::uint64_t> gate_{0};
  std::atomic<Index> next_{0};
  std::atomic<int> size_{1};
  Index count_ = 0;
  void* fn_ = nullptr;
  Call call_ = nullptr;
  std::exception_ptr error_;
  std::atomic<bool> stopping_{false};
};

/// Number of threads that CPU ops use; starts at the machine's.
inline int threads() { return ThreadPool::instance().size(); }

/// Sets the number of threads that CPU ops use; see ThreadPool::resize. May be called while other threads
/// compute: their results do not depend on it.
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
