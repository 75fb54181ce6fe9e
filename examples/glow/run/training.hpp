// A run of training: its folder, its loop.
#pragma once

#include <filesystem>

#include "run/checkpoint.hpp"
#include "run/metrics.hpp"

namespace glow::app {

/// Trains by `config` from the start, or from a checkpoint's state, into the folder `run`. Returns the exit
/// status of the program: 0, or 130 after Ctrl-C, when the step in progress was finished and saved. Throws
/// what stops it; checkpoints written before stay.
int train(Config config, const std::filesystem::path& run, const Checkpoint* from, Voice voice);

}  // namespace glow::app
