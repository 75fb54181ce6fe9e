// The argument of commands that take a trained model.
#pragma once

#include "commands/options.hpp"
#include "run/checkpoint.hpp"

namespace glow::app {

/// A run folder or a checkpoint, and which weights of it are meant.
struct RunArgument {
  std::string path, weights = "ema";

  /// See open_model.
  Checkpoint open() const { return open_model(path, weights_of(weights)); }
};

/// Adds the argument and the option --weights.
inline void add_run(CLI::App& command, RunArgument& run) {
  add_text(command, "run", "", "run folder or checkpoint", run.path)->required();
  add_word(command, "--weights", "W",
           "ema, the averaged weights, where the run was trained with --ema, or raw, those of the last step; "
           "default ema",
           {"ema", "raw"}, [&run](const std::string& weights) { run.weights = weights; });
}

}  // namespace glow::app
