// A caching arena: temporaries are cut from blocks that are kept between uses, in stack order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Memory for temporaries, handed out in stack order (mark, allocate, ..., release) and kept for the next
/// use. When the last temporary of a round is released, several blocks become one of the size that was in use
/// at most, so that a repeated computation allocates nothing after its first round. Not for use by several
/// threads: each has its own, see `local`.
template <class D = Cpu>
class Arena {
 public:
  struct Mark {
    std::size_t block = 0;
    std::size_t used = 0;
  };

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() {
    for (Block& b : blocks_) D::deallocate(b.data);
  }

  /// The calling thread's arena for temporaries of ops and layers.
  static Arena& local();

  Mark mark() const { return {current_, current_ < blocks_.size() ? blocks_[current_].used : 0}; }

  /// `bytes` of uninitialised memory, aligned as the device's own is, until the mark before it is released.
  void* allocate(std::size_t bytes) {
    bytes = (bytes + D::alignment - 1) / D::alignment * D::alignment;
    const bool fits = blocks_.size() == 1 && current_ == 0 && blocks_[0].used + bytes <= blocks_[0].size;
    return fits ? take(bytes) : take_elsewhere(bytes);
  }

  /// Gives back all that was allocated since `m`.
  void release(Mark m) {
    current_ = m.block;
    if (current_ < blocks_.size()) blocks_[current_].used = m.used;
    if (blocks_.size() > 1 && m.block == 0 && m.used == 0) merge();
  }

  /// Bytes held from the device, used or not.
  std::size_t capacity() const {
    std::size_t n = 0;
    for (const Block& b : blocks_) n += b.size;
    return n;
  }

  /// How often memory was asked from the device since the start.
  std::size_t growths() const { return growths_; }

 private:
  struct Block {
    void* data = nullptr;
    std::size_t size = 0, used = 0;
  };

  // From the current block, in which there is room.
  void* take(std::size_t bytes) {
    Block& b = blocks_[current_];
    void* p = static_cast<std::byte*>(b.data) + b.used;
    b.used += bytes;
    return p;
  }

  // From whichever block has room, or a new one. Apart from `allocate`, which is called in every function.
  [[gnu::noinline]] void* take_elsewhere(std::size_t bytes) {
    const std::size_t before = current_;
    if (current_ < blocks_.size() && blocks_[current_].used + bytes > blocks_[current_].size) {
      // Nothing is in use beyond this block.
      if (++current_ < blocks_.size()) blocks_[current_].used = 0;
      if (current_ < blocks_.size() && bytes > blocks_[current_].size) drop_from(current_);
    }
    if (current_ == blocks_.size()) {
      try {
        grow(bytes);
      } catch (...) {
        current_ = before;
        throw;
      }
    }
    void* const p = take(bytes);
    if (blocks_.size() > 1) most_used_ = std::max(most_used_, used());
    return p;
  }

  void grow(std::size_t bytes) {
    const std::size_t least = 1 << 16;
    const std::size_t size = bytes > least ? bytes : least;
    blocks_.reserve(blocks_.size() + 1);
    blocks_.push_back({D::allocate(size), size, 0});
    ++growths_;
  }

  // Called where temporaries end, which must not fail: without memory for one block there is none, and the
  // next use asks again.
  [[gnu::noinline]] void merge() noexcept {
    const std::size_t size = std::max(most_used_, blocks_[0].size);
    drop_from(0);
    current_ = 0;
    most_used_ = 0;
    try {
      grow(size);
    } catch (...) {
    }
  }

  void drop_from(std::size_t first) {
    for (std::size_t i = first; i < blocks_.size(); ++i) D::deallocate(blocks_[i].data);
    blocks_.resize(first);
  }

  std::size_t used() const {
    std::size_t n = 0;
    for (std::size_t i = 0; i <= current_; ++i) n += blocks_[i].used;
    return n;
  }

  std::vector<Block> blocks_;
  std::size_t current_ = 0;
  std::size_t most_used_ = 0;  // bytes, while there are several blocks
  std::size_t growths_ = 0;
};

/// All memory that work on device D takes besides its tensors. Each thread has one of its own, `current`,
/// unless a WorkspaceScope sets another.
template <class D>
struct Workspace {
  Arena<D> temporaries;   ///< of ops and layers
  Arena<D> tape;          ///< values and adjoints of tapes, whose lifetimes cross those of temporaries
  Arena<Cpu> tape_notes;  ///< what tapes note, which is always the host's

  Workspace() = default;
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  /// Bytes held from the device and, for tapes' notes, from the host.
  std::size_t capacity() const { return temporaries.capacity() + tape.capacity() + tape_notes.capacity(); }

  static Workspace& current() { return slot() != nullptr ? *slot() : own(); }
  /// The workspace that a scope has set for the calling thread; null without one.
  static Workspace*& slot() {
    static thread_local Workspace* workspace = nullptr;
    return workspace;
  }

 private:
  [[gnu::noinline]] static Workspace& own() {
    static thread_local Workspace workspace;
    return workspace;
  }
};

/// While it lives, work of the calling thread takes its memory from `workspace`: so that memory which must
/// stay where it is, that of work to be replayed, is nobody else's.
template <class D>
class WorkspaceScope {
 public:
  explicit WorkspaceScope(Workspace<D>& workspace)
      : before_(std::exchange(Workspace<D>::slot(), &workspace)) {}
  WorkspaceScope(const WorkspaceScope&) = delete;
  WorkspaceScope& operator=(const WorkspaceScope&) = delete;
  ~WorkspaceScope() { Workspace<D>::slot() = before_; }

 private:
  Workspace<D>* before_;
};

template <class D>
Arena<D>& Arena<D>::local() {
  return Workspace<D>::current().temporaries;
}

/// A temporary tensor (uninitialised) from the calling thread's arena, given back at the end of its scope.
/// Scopes must nest: the last made is the first to go.
template <class T, class D = Cpu>
class Scratch : public View<T, D> {
 public:
  explicit Scratch(Shape shape) : Scratch(shape, Arena<D>::local().mark()) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { Arena<D>::local().release(mark_); }

  const View<T, D>& view() const& { return *this; }
  void view() const&& = delete;

 private:
  Scratch(const Shape& shape, typename Arena<D>::Mark mark)
      : View<T, D>(
            static_cast<T*>(Arena<D>::local().allocate(static_cast<std::size_t>(shape.size()) * sizeof(T))),
            shape),
        mark_(mark) {}

  typename Arena<D>::Mark mark_;
};

}  // namespace glow
