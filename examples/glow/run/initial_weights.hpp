// Weights of another run that a new one starts from.
#pragma once

#include <filesystem>
#include <string>

#include <glow/saved/training_state.hpp>

namespace glow::app {

/// What a new model took of a checkpoint.
struct InitialWeights {
  std::vector<TrainingState::Entry> taken;  ///< tensors of the new model with the checkpoint's numbers
  std::vector<std::string> fresh;           ///< tensors of the new model that stay as they are drawn
  std::vector<std::string> left_out;        ///< tensors of the checkpoint that the new model has no place for

  /// A line for people: how many tensors fit, and the first of those that do not.
  std::string text(const std::string& from) const;
};

/// The tensors of `model` that a checkpoint, or the newest of a run folder, has under the same name and with
/// the same shape: the running averages where it has them. Throws FileError or CheckpointError for what is no
/// checkpoint, and Error where nothing fits.
InitialWeights initial_weights(const std::filesystem::path& from, const TrainingState& model);

/// Puts the weights that were taken into a state of the new model.
void put(const InitialWeights& weights, TrainingState& state);

}  // namespace glow::app
