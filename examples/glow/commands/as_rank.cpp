#include "commands/as_rank.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "commands/usage_error.hpp"
#include "ranks/launched.hpp"
#include "ranks/launcher.hpp"
#include "ranks/orders.hpp"

namespace glow::app {

namespace {

[[noreturn]] void fail(AnyRanks& ranks, const std::string& what, int status) {
  // What was told to all, and is wrong, rank 0 says for all.
  if (ranks.rank() > 0) std::this_thread::sleep_for(std::chrono::seconds(2));
  std::cerr << join("glow: rank ", ranks.rank(), ": ", what, "\n") << std::flush;
  std::this_thread::sleep_for(
      std::chrono::milliseconds(200));  // mpirun may drop what it has not read by an abort
  ranks.abort(status);
  std::_Exit(status);
}

}  // namespace

void require_one_process(const std::string& command) {
  require<UsageError>(processes_launched() == "1", command,
                      " is done by one process, and a launcher started ", processes_launched());
}

int as_rank(const std::function<int(AnyRanks&)>& work) {
  AnyRanks ranks = ranks_of_launcher();
  if (ranks.size() == 1) return work(ranks);
  try {
    const int status = work(ranks);
    if (ranks.rank() == 0) ask(ranks, Task::end, status);
    return status;
  } catch (const UsageError& e) {
    fail(ranks, join(e.what(), "; see glow --help"), 2);
  } catch (const std::bad_alloc&) {
    fail(ranks, "there is not enough memory for this", 1);
  } catch (const std::exception& e) {
    fail(ranks, e.what(), 1);
  }
}

}  // namespace glow::app
