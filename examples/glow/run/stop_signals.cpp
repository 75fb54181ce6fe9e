#include "run/stop_signals.hpp"

#include <atomic>
#include <cerrno>
#include <string_view>

#include <unistd.h>

namespace glow::app {

namespace {

std::atomic<int> signals{0}, first_signal{0};
std::atomic<bool> speaks{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free,
              "a signal handler sets them");

// The line starts anew because a terminal shows ^C and may hold a progress line.
constexpr std::string_view first_text =
    "\nglow: stopping: the step under way is finished, the run saved, and then judged\n";
constexpr std::string_view next_text =
    "\nglow: stopping: the run is saved, and what is left to do after that is skipped\n";

void on_signal(int signal) {
  const int error = errno;
  int none = 0;
  first_signal.compare_exchange_strong(none, signal);
  const std::string_view text = signals++ == 0 ? first_text : next_text;
  if (speaks && ::write(STDERR_FILENO, text.data(), text.size()) < 0) {
    // There is nobody to tell.
  }
  errno = error;
}

}  // namespace

StopSignals::StopSignals(bool quiet) {
  signals = 0;
  first_signal = 0;
  speaks = !quiet;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU}) {
    Before before{signal, {}};
    ::sigaction(signal, nullptr, &before.action);
    if (before.action.sa_handler == SIG_IGN) continue;
    ::sigaction(signal, &action, nullptr);
    before_.push_back(before);
  }
}

StopSignals::~StopSignals() {
  for (const Before& b : before_) ::sigaction(b.signal, &b.action, nullptr);
}

int StopSignals::count() { return signals; }
int StopSignals::first() { return first_signal; }

}  // namespace glow::app
