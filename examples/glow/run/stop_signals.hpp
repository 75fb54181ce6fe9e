// Signals that ask a run to end.
#pragma once

#include <csignal>
#include <vector>

namespace glow::app {

/// While it lives, SIGINT (Ctrl-C), SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU do not end the program but
/// are counted, so that a run can save first; each says so at once on stderr. A signal that the program was
/// started to ignore, as under nohup, stays ignored. Only one object may live at a time.
class StopSignals {
 public:
  /// `quiet`: nothing is said.
  explicit StopSignals(bool quiet);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// Signals that have come so far.
  static int count();
  /// The number of the first; 0 if none has come.
  static int first();

 private:
  struct Before {
    int signal;
    struct sigaction action;
  };
  std::vector<Before> before_;
};

}  // namespace glow::app
