// The GPU of each rank: choose_gpu_with_cuda.cpp or choose_gpu_without_cuda.cpp is built, as the machine
// allows.
#pragma once

#include <glow/ranks/any_ranks.hpp>

namespace glow::app {

/// Has each rank use a GPU of its own, as far as its machine has as many; all ranks call it, before they use
/// one.
void choose_gpu(AnyRanks& ranks);

}  // namespace glow::app
