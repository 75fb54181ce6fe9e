// Standard output while a run trains.
#pragma once

#include <string>

namespace glow::app {

/// Writes to standard output without ever ending the run: what cannot be written is dropped. A reader that
/// does not read is waited for, but not once the run is asked to stop.
class Terminal {
 public:
  /// On another descriptor in tests.
  explicit Terminal(int descriptor = 1) : descriptor_(descriptor), watched_(can_rewrite_lines()) {}

  /// True if people watch: standard output is a terminal that can go back to the start of a line.
  bool watched() const { return watched_; }
  /// Columns of the terminal as it is now; 80 where it does not say.
  std::size_t columns() const;

  /// Writes `text`. After a failure nothing more is written.
  void print(const std::string& text);

  /// Why writing failed, such as ENOSPC; 0 if it has not.
  int error() const { return error_; }

 private:
  bool wait_until_writable() const;

  bool can_rewrite_lines() const;

  int descriptor_;
  bool watched_;
  int error_ = 0;
};

}  // namespace glow::app
