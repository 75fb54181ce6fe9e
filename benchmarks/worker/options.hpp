// The command line of a worker.
#pragma once

#include <string>

#include "model/setting.hpp"

namespace glow::benchmarks {

/// What to measure, and where.
struct Options {
  Setting setting;
  std::string device;  ///< "cpu" or "cuda"
  int threads;         ///< on the CPU
  Activations activations = Activations::automatic;

  /// Of training: all that is passed on to the Trainer.
  TrainOptions training() const {
    // A rate so small that any number of steps on noise leaves the loss finite.
    return {.learning_rate = 1e-9, .activations = activations};
  }
};

/// Reads the command line. Ends the program after --help; throws Error for what it does not understand.
Options read_options(int argc, char** argv);

}  // namespace glow::benchmarks
