// A rank that trains along with rank 0, which decides what is done, writes the run folder and speaks.
#pragma once

#include <deque>

#include "ranks/orders.hpp"
#include "run/training_setup.hpp"

namespace glow::app {

/// Does what rank 0 asks for until the program ends; returns the exit status. `run`: the folder of the run,
/// which is read where it goes on from the checkpoint `from`.
int follow(Config config, const std::filesystem::path& run, const Checkpoint* from, AnyRanks ranks);

}  // namespace glow::app
