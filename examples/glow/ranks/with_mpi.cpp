// Ranks of a program that was built with MPI.
#include <glow/ranks/mpi.hpp>
#include <glow/ranks/rank_variables.hpp>

#include "ranks/gpu_ranks.hpp"
#include "ranks/launcher.hpp"

namespace glow::app {

AnyRanks ranks_of_launcher() {
  static const AnyRanks ranks = started_by_mpi()                ? AnyRanks(std::make_shared<Mpi>())
                                : started_with_rank_variables() ? ranks_of_variables()
                                                                : AnyRanks();
  return ranks;
}

}  // namespace glow::app
