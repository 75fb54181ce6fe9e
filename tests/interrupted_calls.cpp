#include "interrupted_calls.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstddef>

#include <fcntl.h>
#include <sys/types.h>

namespace glow::test {

std::atomic<int> interruptions{0}, interrupted_calls{0};

}  // namespace glow::test

namespace {

// True, with errno, if this call of its kind is to fail; `done` counts those in a row that did.
bool interrupted(int& done) {
  if (done >= glow::test::interruptions) {
    done = 0;
    return false;
  }
  ++done;
  ++glow::test::interrupted_calls;
  errno = EINTR;
  return true;
}

}  // namespace

// NOLINTBEGIN: names that the linker gives
extern "C" {

int __real_open(const char*, int, ...);
ssize_t __real_read(int, void*, size_t);
ssize_t __real_write(int, const void*, size_t);
int __real_fsync(int);
int __real_rename(const char*, const char*);

int __wrap_open(const char* path, int flags, ...) {
  static int done = 0;
  if (interrupted(done)) return -1;
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return __real_open(path, flags, mode);
}
ssize_t __wrap_read(int descriptor, void* to, size_t bytes) {
  static int done = 0;
  return interrupted(done) ? -1 : __real_read(descriptor, to, bytes);
}
ssize_t __wrap_write(int descriptor, const void* from, size_t bytes) {
  static int done = 0;
  return interrupted(done) ? -1 : __real_write(descriptor, from, bytes);
}
int __wrap_fsync(int descriptor) {
  static int done = 0;
  return interrupted(done) ? -1 : __real_fsync(descriptor);
}
int __wrap_rename(const char* from, const char* to) {
  static int done = 0;
  return interrupted(done) ? -1 : __real_rename(from, to);
}

}  // extern "C"
// NOLINTEND
