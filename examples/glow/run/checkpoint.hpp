// Checkpoints: safetensors files with all that a run needs to go on.
#pragma once

#include <filesystem>
#include <optional>

#include <glow/data/sampler.hpp>
#include <glow/runtime/open.hpp>
#include <glow/saved/model_file.hpp>

#include "run/best_validation.hpp"
#include "run/config.hpp"
#include "run/data_record.hpp"

namespace glow::app {

/// The model of a configuration, for images [H, W, C].
ModelDescription description_of(const Config& config, const Shape& image);

/// Writes parameters, constants (P and signs), running averages, Adam's state, the step, the best validation,
/// the place in the data, the record of these if there is one, and the configuration, atomically. The noise
/// of a step follows from the seed and the step, so there is no further state of random numbers.
/// `unwritten_metrics` is the line of metrics.jsonl of its step if that could not be written, so that the
/// file is whole again when the run goes on. Throws FileError, and NumericError, naming the tensor, for a
/// state that is not finite.
void save_checkpoint(const std::filesystem::path& path, const TrainingState& state, const Position& position,
                     const Config& config, const Shape& image,
                     const std::optional<DataRecord>& data = std::nullopt,
                     const std::string& unwritten_metrics = "", const BestValidation& best = {});

/// A checkpoint in memory: its configuration, the parameters, and what training needs to go on. Of a model
/// file that no run wrote, the configuration tells the model alone, and there is no training.
struct Checkpoint {
  Config config;
  ModelDescription description;
  Shape image;  ///< [H, W, C]
  Position position;
  std::filesystem::path path;
  TrainingState state;
  std::optional<DataRecord> data;  ///< none in checkpoints from before there were records
  std::string unwritten_metrics;   ///< see save_checkpoint
  BestValidation best;             ///< before the validation of this step

  /// The model on device "auto", "cpu" or "cuda".
  std::unique_ptr<AnyModel> model(const std::string& device) const {
    return make_model({description, state.tensors}, device);
  }
};

/// The checkpoint that a safetensors file holds. Throws CheckpointError, naming `path` and what is wrong: a
/// configuration that no run can have, counts that contradict one another, and as ModelFile does. Takes no
/// more memory than the file has.
Checkpoint read_checkpoint(const ModelFile& file);

/// Opens a model file, or the newest checkpoint of a run folder. Throws FileError if there is none, and as
/// ModelFile::open and read_checkpoint do.
Checkpoint open_checkpoint(const std::filesystem::path& run);

/// The same for sampling and judging: parameters by `weights`.
Checkpoint open_model(const std::filesystem::path& run, Weights weights);

/// Where the checkpoint of `step` lies in a run folder.
std::filesystem::path checkpoint_path(const std::filesystem::path& run, Index step);

/// The checkpoints of steps in a run folder, the highest step's first; whatever else lies beside them is
/// none.
std::vector<std::filesystem::path> checkpoints_newest_first(const std::filesystem::path& run);

}  // namespace glow::app
