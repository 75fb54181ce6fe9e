#include <array>
#include <chrono>
#include <vector>

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// How often each of `count` tasks of a loop runs.
std::vector<int> runs_of_tasks(Index count) {
  std::vector<int> seen(static_cast<std::size_t>(count));
  parallel_for(count, [&](Index i) { ++seen[static_cast<std::size_t>(i)]; });
  return seen;
}

// Seconds that 500 short loops take.
double seconds_of_short_loops(int threads_to_use) {
  ThreadPool pool(threads_to_use);
  std::atomic<double> sum{0};
  auto task = [&](Index i) {
    double s = 0;
    for (int j = 0; j < 2000; ++j) s += std::sqrt(static_cast<double>(i + j));
    sum = s;
  };
  const auto start = std::chrono::steady_clock::now();
  for (int loop = 0; loop < 500; ++loop) pool.run(4, task);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

TEST_CASE("parallel_loops: every range of every loop runs once, whatever the threads") {
  const int before = threads();
  for (const int n : {1, 2, 5}) {
    set_threads(n);
    std::array<std::vector<int>, 3> seen{std::vector<int>(10), std::vector<int>(0), std::vector<int>(7)};
    const auto mark = [&](std::size_t loop) {
      return [&seen, loop](Index first, Index last) {
        for (Index i = first; i < last; ++i) ++seen[loop][static_cast<std::size_t>(i)];
      };
    };
    parallel_loops(Ranges{Index{10}, Index{4}, mark(0)}, Ranges{Index{0}, Index{4}, mark(1)},
                   Ranges{Index{7}, Index{1}, mark(2)});
    CHECK(seen[0] == std::vector<int>(10, 1));
    CHECK(seen[2] == std::vector<int>(7, 1));
  }
  set_threads(before);
}

TEST_CASE("threads: on a busy processor two are about as fast as one") {
  // A loop that waited for its second thread would wait for a turn of that thread's on the processor, some
  // milliseconds each time.
  double one = 0, two = 0;
  std::thread([&] {
    cpu_set_t processor;
    CPU_ZERO(&processor);
    CPU_SET(sched_getcpu(), &processor);
    REQUIRE(sched_setaffinity(0, sizeof(processor), &processor) == 0);  // this thread's and its children's
    std::atomic<bool> stop{false};
    std::thread busy([&] {
      while (!stop) continue;
    });
    one = seconds_of_short_loops(1);
    two = seconds_of_short_loops(2);
    stop = true;
    busy.join();
  }).join();
  CHECK(two < 5 * one);
}

TEST_CASE("threads: may be set while others compute, and not from within a task") {
  const int before = threads();
  set_threads(2);
  std::atomic<bool> stop{false}, right{true};
  std::thread computes([&] {
    while (!stop) right = right && runs_of_tasks(20) == std::vector<int>(20, 1);
  });
  for (int i = 0; i < 200; ++i) set_threads(1 + i % 4);
  stop = true;
  computes.join();
  CHECK(right);
  set_threads(2);
  CHECK(contains(message_of([] { parallel_for(4, [](Index) { set_threads(3); }); }),
                 "threads: cannot be set from within a task"));
  CHECK(threads() == 2);
  CHECK(contains(message_of([] { set_threads(0); }), "threads: 0 must be 1 to 1024"));
  CHECK(contains(message_of([] { set_threads(1 << 30); }), "must be 1 to 1024"));
  CHECK(runs_of_tasks(20) == std::vector<int>(20, 1));
  set_threads(before);
}

TEST_CASE("threads: a child process has its own, and so has its child") {
  const int before = threads();
  set_threads(3);
  runs_of_tasks(20);
  const auto computes = [] { return threads() == 3 && runs_of_tasks(20) == std::vector<int>(20, 1); };
  const auto succeeds_in_child = [](const auto& fn) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      _exit(fn() ? 0 : 1);
    }
    int status = -1;
    return waitpid(child, &status, 0) == child && status == 0;
  };
  CHECK(succeeds_in_child([&] { return computes() && succeeds_in_child(computes) && computes(); }));
  CHECK(computes());
  set_threads(before);
}
