// Ranks of a program that was built without MPI.
#include <cstdlib>
#include <string_view>

#include <glow/ranks/rank_variables.hpp>

#include "ranks/gpu_ranks.hpp"
#include "ranks/launcher.hpp"

namespace glow::app {

AnyRanks ranks_of_launcher() {
  for (const char* const name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* const size = std::getenv(name);
    require(
        size == nullptr || std::string_view(size) == "1", "a launcher started ", size == nullptr ? "" : size,
        " processes, which this glow cannot join in one training: it was built without MPI; build it with "
        "-DGLOW_MPI=ON");
  }
  static const AnyRanks ranks = started_with_rank_variables() ? ranks_of_variables() : AnyRanks();
  return ranks;
}

}  // namespace glow::app
