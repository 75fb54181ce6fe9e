// A device whose memory is counted and never taken. Layers, containers and the trainer run on Counted<D> as
// they run on D, with the same arenas, and ops return as soon as they have their temporaries: so what work
// would take is known before any of it is taken, and is stated nowhere but where it is used.
#pragma once

#include <concepts>
#include <cstdint>
#include <unordered_map>

#include <glow/core/arena.hpp>
#include <glow/core/parallel.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The bytes that counted devices hold for the calling thread.
class Ledger {
 public:
  /// That of the calling thread.
  static Ledger& current() {
    static thread_local Ledger own;
    return own;
  }

  /// Addresses are multiples of it, and so of every device's alignment.
  static constexpr std::size_t unit = 256;

  /// An address for `bytes`, which nobody may follow. Throws ShapeError beyond 2^60 bytes, which no machine
  /// has.
  void* take(std::size_t bytes) {
    constexpr std::size_t most = std::size_t{1} << 60;
    require<ShapeError>(bytes <= most && held_ <= most - bytes, "memory: ", bytes, " bytes more than ", held_,
                        " are more than any machine has");
    void* const p = reinterpret_cast<void*>(next_);
    next_ += (bytes / unit + 2) * unit;
    sizes_.emplace(p, bytes);
    held_ += bytes;
    return p;
  }
  /// Ends what `take` gave.
  void give_back(void* p) noexcept {
    const auto entry = sizes_.find(p);
    if (entry == sizes_.end()) return;
    held_ -= entry->second;
    sizes_.erase(entry);
  }
  /// Bytes taken and not given back.
  std::size_t held() const { return held_; }

 private:
  std::uintptr_t next_ = std::uintptr_t{1} << 40;
  std::unordered_map<void*, std::size_t> sizes_;
  std::size_t held_ = 0;
};

namespace ops {

/// Device D without its memory: addresses are made up, and copies do nothing.
template <class D>
struct Counted {
  static constexpr bool host_memory = D::host_memory;  // so that an op's one body compiles for both
  static constexpr std::size_t alignment = D::alignment;
  static_assert(Ledger::unit % alignment == 0);

  static void* allocate(std::size_t bytes) { return Ledger::current().take(bytes); }
  static void deallocate(void* p) noexcept { Ledger::current().give_back(p); }
  static void copy(void*, const void*, std::size_t) {}
  static void clear(void*, std::size_t) {}
};

/// There is nothing to wait for.
template <class D>
void synchronize(Counted<D>) {}

/// Bytes of the device that libraries take for themselves; none unless a device says so.
template <class D>
std::size_t library_bytes(D) {
  return 0;
}

}  // namespace ops

using ops::Counted;

/// True for a device that only counts. An op says, once its temporaries are there,
/// `if constexpr (is_counted<D>) return;`.
template <class D>
inline constexpr bool is_counted = false;
template <class D>
inline constexpr bool is_counted<Counted<D>> = true;

/// `OrCounted<Cpu> D`: the CPU, or a device that counts its memory.
template <class D, class Of>
concept OrCounted = std::same_as<D, Of> || std::same_as<D, Counted<Of>>;

/// The arenas of a counted computation: the calling thread's, and those of every other thread that shares its
/// loops, which are all alike. While it lives, counted work of the calling thread takes them.
template <class D>
class CountedThreads {
 public:
  CountedThreads() : scope_(caller_), before_(std::exchange(slot(), this)) {}
  CountedThreads(const CountedThreads&) = delete;
  CountedThreads& operator=(const CountedThreads&) = delete;
  ~CountedThreads() { slot() = before_; }

  /// Calls work(i) for tasks i = 0 ... count - 1 of a loop, the first on the calling thread and the rest on
  /// another; a loop within a task is its thread's own.
  template <class F>
  static void run(Index count, F work) {
    CountedThreads* const all = slot();
    if (all == nullptr || all->inside_ || count <= 1 || threads() == 1) {
      for (Index i = 0; i < count; ++i) work(i);
      return;
    }
    all->inside_ = true;
    work(Index{0});
    {
      const WorkspaceScope<Counted<D>> other(all->other_);
      for (Index i = 1; i < count; ++i) work(i);
    }
    all->inside_ = false;
  }

  /// The arenas of the calling thread.
  const Workspace<Counted<D>>& caller() const { return caller_; }
  /// The arenas of each other thread.
  const Workspace<Counted<D>>& other() const { return other_; }

 private:
  static CountedThreads*& slot() {
    static thread_local CountedThreads* threads = nullptr;
    return threads;
  }

  Workspace<Counted<D>> caller_, other_;
  WorkspaceScope<Counted<D>> scope_;
  CountedThreads* before_;
  bool inside_ = false;
};

/// parallel_ranges and parallel_loops on the device that host code works on, and where its memory is counted:
/// there every thread runs one range, which are all alike but for a shorter last one, or all loops.
template <class F>
void parallel_ranges(Cpu, Index size, Index grain, F&& fn) {
  parallel_ranges(size, grain, fn);
}
template <class D, class F>
void parallel_ranges(Counted<D>, Index size, Index grain, F&& fn) {
  const Ranges<F&> ranges{size, grain, fn};
  CountedThreads<D>::run(std::min(ranges.count(), Index{2}), [&](Index) { ranges.run(0); });
}
template <class... F>
void parallel_loops(Cpu, const Ranges<F>&... loops) {
  parallel_loops(loops...);
}
template <class D, class... F>
void parallel_loops(Counted<D>, const Ranges<F>&... loops) {
  CountedThreads<D>::run(std::min((loops.count() + ...), Index{2}), [&](Index) {
    const auto run_all = [](const auto& loop) {
      for (Index i = 0; i < loop.count(); ++i) loop.run(i);
    };
    (run_all(loops), ...);
  });
}

}  // namespace glow
