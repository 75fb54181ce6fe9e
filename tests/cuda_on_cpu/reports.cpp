// What is said of a grid that is given up.
#include <map>
#include <sstream>

#include "scheduler_state.hpp"

namespace glow::cuda_on_cpu {

std::string Scheduler::where_they_wait() const {
  std::map<std::string, int> counts;
  for (unsigned t = 0; t < threads; ++t) {
    const State state = thread[t].state;
    if (state != State::at_barrier && state != State::in_warp && state != State::at_event) continue;
    std::ostringstream out;
    out << thread[t].site.what << " at " << thread[t].site.file << ":" << thread[t].site.line;
    ++counts[out.str()];
  }
  std::ostringstream out;
  for (const auto& [site, n] : counts)
    out << "\n  " << n << (n == 1 ? " thread in " : " threads in ") << site;
  return out.str();
}

std::string Scheduler::place() const {
  std::ostringstream out;
  out << "cuda_on_cpu: kernel " << grid.what << ", block (" << coordinates.block.x << ", "
      << coordinates.block.y << ", " << coordinates.block.z << "): ";
  return out.str();
}

void Scheduler::report_failure() {
  acquire(&failed_message);
  const uint3 t = coordinates.thread;
  std::ostringstream out;
  out << place() << "thread (" << t.x << ", " << t.y << ", " << t.z << "): " << failed_what << ": "
      << failed_message;
  if (failed_site.line > 0) out << " at " << failed_site.file << ":" << failed_site.line;
  out << where_they_wait();
  error = out.str();
  failed_what = nullptr;
  failed_site = Site{};
}

void Scheduler::give_up(const char* message) { error = place() + message + where_they_wait(); }

}  // namespace glow::cuda_on_cpu
