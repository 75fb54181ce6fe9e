#include "run/terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string_view>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "run/stop_signals.hpp"

namespace glow::app {

bool Terminal::can_rewrite_lines() const {
  const char* kind = std::getenv("TERM");
  return ::isatty(descriptor_) != 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

std::size_t Terminal::columns() const {
  winsize size{};
  return ::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// False if nobody reads and the run is asked to stop.
bool Terminal::wait_until_writable() const {
  for (;;) {
    pollfd out{descriptor_, POLLOUT, 0};
    const int ready = ::poll(&out, 1, 100);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
    if (StopSignals::count() > 0) return false;
  }
}

void Terminal::print(const std::string& text) {
  std::string_view rest = text;
  while (error_ == 0 && !rest.empty()) {
    if (!wait_until_writable()) return;
    // A pipe that is ready takes this much without waiting.
    const ssize_t n = ::write(descriptor_, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
    if (n >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR && errno != EAGAIN) {
      error_ = errno;
    }
  }
}

}  // namespace glow::app
