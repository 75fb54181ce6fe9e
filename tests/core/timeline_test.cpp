// The timeline of events, and the trace that is written of it.
#include <thread>

#include <glow/core/timeline.hpp>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("timeline: a trace has complete events in microseconds from the origin, by process and thread") {
  const Timeline::Clock::time_point origin{};
  Timeline timeline(3, origin);
  using std::chrono::microseconds, std::chrono::nanoseconds;
  timeline.event("level1/step1", "forward", origin + microseconds(7), origin + nanoseconds(9500), 2);
  CHECK(timeline.json() ==
        "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n"
        "{\"ph\": \"M\", \"name\": \"process_name\", \"pid\": 3, \"args\": {\"name\": \"glow 3\"}},\n"
        "{\"ph\": \"X\", \"name\": \"level1/step1\", \"cat\": \"forward\", \"pid\": 3, \"tid\": 2, "
        "\"ts\": 7.000, \"dur\": 2.500}\n]}\n");
}

TEST_CASE("timeline: names are quoted as JSON asks for") {
  Timeline timeline;
  const auto now = Timeline::Clock::now();
  timeline.event("a \"b\" \\ \n", "c", now, now);
  CHECK(contains(timeline.json(), "\"name\": \"a \\\"b\\\" \\\\ \\u000a\", \"cat\": \"c\""));
}

TEST_CASE("timeline: each thread has a row of its own, the first that asks row 0") {
  Timeline timeline;
  CHECK(timeline.thread() == 0);
  int other = 0;
  std::thread([&] { other = timeline.thread(); }).join();
  CHECK(other == 1);
  CHECK(timeline.thread() == 0);
}

TEST_CASE("timeline: timed work is an event where there is a timeline") {
  Timeline timeline;
  int calls = 0;
  timed(nullptr, "work", "step", [&] { ++calls; });
  timed(&timeline, "work", "step", [&] {
    ++calls;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  });
  CHECK(calls == 2);
  REQUIRE(timeline.events().size() == 1);
  CHECK(timeline.events()[0].end - timeline.events()[0].begin >= std::chrono::milliseconds(2));
}
