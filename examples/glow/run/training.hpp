// A run of training: its folder, its loop.
#pragma once

#include <filesystem>

#include <glow/ranks/any_ranks.hpp>

#include "run/checkpoint.hpp"
#include "run/folders.hpp"
#include "run/metrics.hpp"

namespace glow::app {

/// Trains by `config` into the new folder `run`. Whatever ends a run, it is saved first, if a step was done,
/// and then judged: validated, and samples drawn. Returns the exit status of the program: 0; 1 where the
/// finished model's likelihood or samples are not finite, or standard output could not be written; 128 + n
/// where signal n ended it, see StopSignals. Throws what stops it, saying what was saved. `trace`: so many
/// steps after the first two are recorded in trace.json.
/// Of several ranks it is rank 0 that trains; the others follow it (run/follower.hpp) until they are told
/// that the program ends, which is its caller's to do.
int train(Config config, const std::filesystem::path& run, Voice voice, Index trace = 0,
          const AnyRanks& ranks = {});

/// The same for a run that goes on in its folder from a checkpoint.
int resume(Config config, RunFolder run, const Checkpoint& from, Voice voice, Index trace = 0,
           const AnyRanks& ranks = {});

}  // namespace glow::app
