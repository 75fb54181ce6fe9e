// What the processes of the fake NCCL share: a file in /dev/shm with a mailbox from each rank to each other.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace glow::cuda_on_cpu {

/// A part of a message, from one rank to another; the sender fills it, the receiver empties it.
struct Mailbox {
  static constexpr std::size_t size = 1 << 16;
  std::atomic<std::uint32_t> full;
  std::uint32_t bytes;
  std::uint64_t message;  // bytes of the whole message
  char data[size];
};

/// The file of a communicator, as one rank sees it.
class Mailboxes {
 public:
  static constexpr int most_ranks = 16;

  /// Opens the file, which the first rank makes. Throws std::runtime_error where that fails, where another
  /// process is that rank, or where ranks say different sizes.
  Mailboxes(const std::string& name, int rank, int size);
  Mailboxes(const Mailboxes&) = delete;
  Mailboxes& operator=(const Mailboxes&) = delete;
  ~Mailboxes();

  int rank() const { return rank_; }
  int size() const { return size_; }
  Mailbox& between(int from, int to) { return boxes_[from * size_ + to]; }

  /// Whether all ranks have opened the file; its name is gone then.
  bool all_are_here();
  void leave();
  /// Whether a rank has left.
  bool has_left(int rank) const { return head_->left[rank] != 0; }

 private:
  struct Head {
    std::atomic<std::int32_t> size;
    std::atomic<std::int32_t> here[most_ranks], left[most_ranks];
  };

  std::string name_;
  int rank_, size_;
  std::size_t bytes_;
  Head* head_ = nullptr;
  Mailbox* boxes_ = nullptr;
};

}  // namespace glow::cuda_on_cpu
