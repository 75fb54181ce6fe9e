// Files into models: load<Net>(path).
#pragma once

#include <glow/saved/model_file.hpp>
#include <glow/saved/saved_model.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

// Throws unless the couplings of a model are those that its file tells.
inline void check_couplings(const ModelDescription& model, const ModelDescription& file) {
  require<CheckpointError>(model.coupling == file.coupling, "its couplings are '", file.coupling,
                           "', those of this net are '", model.coupling, "'");
  const auto text = [](Condition c) { return c == Condition::on_second_half ? "second" : "first"; };
  require<CheckpointError>(model.condition == file.condition, "its couplings read the ", text(file.condition),
                           " half of the channels, those of this net the ", text(model.condition));
}

}  // namespace detail

/// The model of `net` that a file holds. Throws as ModelFile::open and ModelFile::state do, and
/// CheckpointError where the couplings of the net are not those of the file.
template <class T = float, class D = Cpu, class Net>
Model<Net, T, D> load_as(const ModelFile& file, Net net, Weights weights = Weights::ema) {
  const TrainingStateOf<T> state = file.state<T>(net, weights);
  return detail::reading(file.path(), [&] {
    Model<Net, T, D> model(std::move(net), file.description().sample, file.description().domain,
                           std::nullopt);
    detail::check_couplings(describe(model), file.description());
    set_tensors(model, state.tensors);
    return model;
  });
}

/// The model of type Net that a file holds, made from the architecture that is written there, on device D in
/// numbers T: those of the file are converted, so that a model moves between devices and types of numbers.
/// Throws the same, and CheckpointError for a file of a net that was made of its parts: load_as takes one.
template <class Net, class T = float, class D = Cpu>
Model<Net, T, D> load(const std::filesystem::path& path, Weights weights = Weights::ema) {
  const ModelFile file = ModelFile::open(path);
  require<CheckpointError>(file.description().architecture.has_value(), "'", path.string(),
                           "': its net was made of its parts, not from an Architecture; give it to load_as");
  return load_as<T, D>(file, detail::reading(path, [&] { return Net(*file.description().architecture); }),
                       weights);
}

/// A trainer and its model go on from a file that `save` wrote with a trainer: the steps that follow have the
/// bits of an unbroken run with the same options and batches. Throws as ModelFile::open and ModelFile::state
/// do, and CheckpointError, before anything is changed, for a file without training or of another model.
template <class Net, class T, class D, class Optimizer, class Ranks>
void resume(const std::filesystem::path& path, Trainer<Net, T, D, Optimizer, Ranks>& trainer) {
  const ModelFile file = ModelFile::open(path);
  const auto& model = trainer.model();
  detail::reading(path, [&] {
    detail::check_couplings(describe(model), file.description());
    require<CheckpointError>(file.description().sample == model.sample_shape(), "its samples are ",
                             file.description().sample, ", those of this model ", model.sample_shape());
    set_state(trainer, file.state<T>(model.net()));
  });
}

}  // namespace glow
