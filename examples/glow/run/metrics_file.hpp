// metrics.jsonl: a line of JSON for each step of a run.
#pragma once

#include <filesystem>
#include <string>

#include <glow/core/shape.hpp>

namespace glow::app {

/// The file as training writes it: whole lines in the order of their steps, each step once.
class MetricsFile {
 public:
  /// Opens `file`, or makes it, and drops the lines of steps above `from_step`, which the run takes anew, and
  /// lines that were cut short. Reads no more than these lines. Throws FileError.
  MetricsFile(const std::filesystem::path& file, Index from_step);
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;
  ~MetricsFile();

  /// Appends a line, given without its end; it is in the file when this returns. Throws FileError if it
  /// cannot be, as on a full disk; the file is then as before.
  void append(const std::string& line);
  /// Puts `line` in the place of the last one, which must not be longer; the same promises.
  void replace_last(const std::string& line);
  /// Returns when all lines are on the disk.
  void sync();

  /// The last line, without its end; "" if there is none.
  const std::string& last() const { return last_; }
  /// The step of the last line; -1 if there is none.
  Index last_step() const;

 private:
  void keep_up_to(Index step);
  void write(std::int64_t at, const std::string& line);

  std::filesystem::path path_;
  int descriptor_;
  std::string last_;
  std::int64_t last_begin_ = 0;  // where the last line begins in the file
};

}  // namespace glow::app
