#include "mailboxes.hpp"

#include <stdexcept>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace glow::cuda_on_cpu {

// New files are zeros, which is how all members begin.
Mailboxes::Mailboxes(const std::string& name, int rank, int size)
    : name_(name),
      rank_(rank),
      size_(size),
      bytes_(sizeof(Head) + sizeof(Mailbox) * static_cast<std::size_t>(size * size)) {
  if (size < 1 || size > most_ranks || rank < 0 || rank >= size)
    throw std::runtime_error("no such rank, or too many");
  const int file = ::shm_open(name.c_str(), O_RDWR | O_CREAT, 0600);
  void* p = MAP_FAILED;
  if (file >= 0 && ::ftruncate(file, static_cast<off_t>(bytes_)) == 0)
    p = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (file >= 0) ::close(file);
  if (p == MAP_FAILED) throw std::runtime_error("no shared memory at " + name);
  head_ = static_cast<Head*>(p);
  boxes_ = reinterpret_cast<Mailbox*>(static_cast<char*>(p) + sizeof(Head));
  std::int32_t none = 0;
  const bool first = head_->size.compare_exchange_strong(none, size);
  const bool fits = first || none == size;
  if (!fits || head_->here[rank].exchange(1) != 0) {
    ::munmap(p, bytes_);
    throw std::runtime_error(fits ? "a rank is there twice" : "ranks say different sizes");
  }
}

Mailboxes::~Mailboxes() {
  leave();
  ::munmap(head_, bytes_);
}

bool Mailboxes::all_are_here() {
  for (int r = 0; r < size_; ++r) {
    if (head_->here[r] == 0) return false;
  }
  ::shm_unlink(name_.c_str());  // the last of them does it for all; for the others it is gone
  return true;
}

void Mailboxes::leave() {
  head_->left[rank_] = 1;
  ::shm_unlink(name_.c_str());
}

}  // namespace glow::cuda_on_cpu
