#include "commands/standard_streams.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>

#include <fcntl.h>
#include <unistd.h>

#include <glow/core/error.hpp>

namespace glow::app {

void protect_standard_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
      ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // gets the lowest free number
  }
}

void flush_standard_output() {
  errno = 0;
  std::cout.flush();
  if (std::cout.good()) return;
  // What went wrong with an earlier write, whose buffer was full, is asked for once more.
  if (errno == 0) (void)!::write(STDOUT_FILENO, "\n", 1);
  const std::string reason = errno != 0 ? std::string(": ") + std::strerror(errno) : "";
  throw FileError("cannot write to standard output" + reason);
}

}  // namespace glow::app
