// Timeline: what happened when, for a viewer of traces.
#pragma once

#include <chrono>
#include <cstdint>
#include <iomanip>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Keeps events with their times, from any number of threads, and writes them as a trace for Perfetto
/// (ui.perfetto.dev) or chrome://tracing. Source of the form: the Trace Event Format of Chromium,
/// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
class Timeline {
 public:
  using Clock = std::chrono::steady_clock;

  /// Something that took from `begin` to `end`.
  struct Event {
    std::string name;      ///< "level1/step2/coupling"
    std::string category;  ///< "forward", "backward", "step", ...
    Clock::time_point begin, end;
    int thread;  ///< a row of the trace; events of one row lie within or after one another
  };

  /// `process`: the number under which a trace shows the events, the rank where several processes work
  /// together. Times in the trace count from `origin`; give processes of one machine the same, so that their
  /// traces can be laid side by side.
  explicit Timeline(int process = 0, Clock::time_point origin = Clock::now())
      : process_(process), origin_(origin) {}

  /// Adds an event in the row `thread`, or in the row of the calling thread.
  void event(std::string name, std::string category, Clock::time_point begin, Clock::time_point end,
             int thread) {
    const std::lock_guard<std::mutex> lock(mutex_);
    events_.push_back({std::move(name), std::move(category), begin, end, thread});
  }
  void event(std::string name, std::string category, Clock::time_point begin, Clock::time_point end) {
    const int row = thread();
    event(std::move(name), std::move(category), begin, end, row);
  }

  /// The row of the calling thread: 0 for the first that asked, and so on.
  int thread() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return threads_.emplace(std::this_thread::get_id(), static_cast<int>(threads_.size())).first->second;
  }

  /// All events, in the order in which they were added: what lies within an event comes before it.
  std::vector<Event> events() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return events_;
  }

  /// The trace: a JSON object whose "traceEvents" are complete events ("ph": "X") with "ts" and "dur" in
  /// microseconds, an event a line.
  std::string json() const {
    std::ostringstream out;
    out << std::fixed << std::setprecision(3) << "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n"
        << "{\"ph\": \"M\", \"name\": \"process_name\", \"pid\": " << process_
        << ", \"args\": {\"name\": \"glow " << process_ << "\"}}";
    for (const Event& e : events()) {
      out << ",\n{\"ph\": \"X\", \"name\": " << quoted(e.name) << ", \"cat\": " << quoted(e.category)
          << ", \"pid\": " << process_ << ", \"tid\": " << e.thread
          << ", \"ts\": " << microseconds(e.begin - origin_) << ", \"dur\": " << microseconds(e.end - e.begin)
          << "}";
    }
    out << "\n]}\n";
    return out.str();
  }

 private:
  static double microseconds(Clock::duration d) {
    return std::chrono::duration<double, std::micro>(d).count();
  }

  static std::string quoted(const std::string& text) {
    std::ostringstream out;
    out << '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        out << '\\' << c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        out << "\\u" << std::hex << std::setw(4) << std::setfill('0') << static_cast<int>(c);
      } else {
        out << c;
      }
    }
    out << '"';
    return out.str();
  }

  int process_;
  Clock::time_point origin_;
  mutable std::mutex mutex_;
  std::vector<Event> events_;
  std::map<std::thread::id, int> threads_;
};

/// work(), as an event of `timeline` if there is one.
template <class Work>
void timed(Timeline* timeline, const char* name, const char* category, Work&& work) {
  if (timeline == nullptr) return work();
  const auto begin = Timeline::Clock::now();
  work();
  timeline->event(name, category, begin, Timeline::Clock::now());
}

}  // namespace glow
