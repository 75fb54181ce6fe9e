#include "ranks/threads.hpp"

#include <algorithm>
#include <thread>

#include <sched.h>

#include <glow/core/process_name.hpp>

namespace glow::app {

int threads_of_rank(AnyRanks& ranks) {
  const int processors = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  if (ranks.size() == 1) return processors;
  // The name of the machine, and the set of processors that a launcher may have bound this process to.
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(0, sizeof set, &set);
  const std::string mine = host_name() + std::string(reinterpret_cast<const char*>(&set), sizeof set);
  const auto all = gather(ranks, mine);
  return std::max(1, processors / static_cast<int>(std::count(all.begin(), all.end(), mine)));
}

}  // namespace glow::app
