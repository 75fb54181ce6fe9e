// Ranks of a program that was built with NCCL.
#include <glow/ranks/nccl.hpp>

#include "ranks/gpu_ranks.hpp"

namespace glow::app {

AnyRanks ranks_of_variables() {
  if (rank_variables().size == 1) return {};
  return AnyRanks(std::make_shared<Nccl>(Nccl::of_environment()));
}

AnyRanks with_gpus(const AnyRanks& ranks) {
  AnyRanks same = ranks;
  if (same.size() == 1 || same.on_gpu() != nullptr) return same;
  return AnyRanks(std::make_shared<Nccl>(std::make_shared<AnyRanks>(same)));
}

}  // namespace glow::app
