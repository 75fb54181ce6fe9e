// Ranks of a program that was built without MPI.
#include <glow/ranks/rank_variables.hpp>

#include "ranks/gpu_ranks.hpp"
#include "ranks/launched.hpp"
#include "ranks/launcher.hpp"

namespace glow::app {

AnyRanks ranks_of_launcher() {
  require(processes_launched() == "1", "a launcher started ", processes_launched(),
          " processes, which this glow cannot join in one training: it was built without MPI; build it with "
          "-DGLOW_MPI=ON");
  static const AnyRanks ranks = started_with_rank_variables() ? ranks_of_variables() : AnyRanks();
  return ranks;
}

}  // namespace glow::app
