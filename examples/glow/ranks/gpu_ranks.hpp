// Ranks that have a GPU each: with_nccl.cpp or without_nccl.cpp is built, as CMake's GLOW_NCCL says.
#pragma once

#include <glow/ranks/any_ranks.hpp>

namespace glow::app {

/// The ranks that torchrun started, by its variables; each has its GPU then. Throws RankError where they
/// cannot be, and Error for several in a program without NCCL.
AnyRanks ranks_of_variables();

/// The same ranks for a training on GPUs, which send between GPUs where the program can.
AnyRanks with_gpus(const AnyRanks& ranks);

}  // namespace glow::app
