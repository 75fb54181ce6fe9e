#include "run/run_lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glow/core/process_name.hpp>
#include <glow/io/atomic_file.hpp>

namespace glow::app {

namespace {

// What the holder has written into its lock: "process 1234 on HOST".
std::string holder(int descriptor) {
  char text[512];
  const ssize_t n = ::pread(descriptor, text, sizeof text, 0);
  return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : "another process";
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& run) : path_(run / name), descriptor_(-1) {
  for (;;) {
    descriptor_ =
        detail::uninterrupted([&] { return ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644); });
    require<FileError>(descriptor_ >= 0, "cannot create '", path_.string(), "': ", std::strerror(errno));
    // A file system without locks refuses with another reason; then there is no protection to be had.
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      const std::string who = holder(descriptor_);
      ::close(descriptor_);
      throw FileError(
          join("'", run.string(), "' is being trained by ", who, "; only one process at a time may"));
    }
    struct stat file {};
    if (::fstat(descriptor_, &file) == 0 && file.st_nlink > 0) break;
    ::close(descriptor_);  // its holder has removed it before it let go
  }
  const std::string text = process_name();
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, text.data(), text.size(), 0) < 0) {
    // The lock holds all the same; only its holder's name is missing.
  }
}

RunLock::~RunLock() {
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

}  // namespace glow::app
