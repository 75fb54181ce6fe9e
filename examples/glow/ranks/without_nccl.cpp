// Ranks of a program that was built without NCCL.
#include <glow/ranks/rank_variables.hpp>

#include "ranks/gpu_ranks.hpp"

namespace glow::app {

AnyRanks ranks_of_variables() {
  const int size = rank_variables().size;
  require(size == 1, "RANK and WORLD_SIZE say that ", size,
          " processes train together, which this glow cannot: it was built without NCCL; build it with "
          "-DGLOW_CUDA=ON -DGLOW_NCCL=ON, or start it with mpirun");
  return {};
}

AnyRanks with_gpus(const AnyRanks& ranks) { return ranks; }

}  // namespace glow::app
