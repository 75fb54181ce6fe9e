// How a worker times what it is asked for.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

#include <nlohmann/json.hpp>

namespace glow::benchmarks {

/// Seconds of calls.
struct Timing {
  double best;
  double median;
  std::size_t calls;

  /// As a rate, where a call does `amount` of something: {"best", "median", "calls"}.
  nlohmann::ordered_json rate(double amount) const {
    return {{"best", amount / best}, {"median", amount / median}, {"calls", calls}};
  }
};

/// Calls `call` once, so that nothing is cold, and then as often as `seconds` allow, but at least once.
template <class Call>
Timing time_calls(double seconds, Call call) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  call();
  std::vector<double> times;
  const auto begin = Clock::now();
  do {
    const auto start = Clock::now();
    call();
    times.push_back(since(start));
  } while (since(begin) < seconds);
  std::sort(times.begin(), times.end());
  return {times.front(), (times[(times.size() - 1) / 2] + times[times.size() / 2]) / 2, times.size()};
}

}  // namespace glow::benchmarks
