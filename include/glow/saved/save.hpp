// Models into files: save(path, model).
#pragma once

#include <glow/saved/model_file.hpp>
#include <glow/saved/saved_model.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

template <class T>
void add_finite(SafetensorsWriter& file, const std::string& name, const Tensor<T>& x) {
  require<NumericError>(std::all_of(x.begin(), x.end(), [](T v) { return std::isfinite(v); }), "'", name,
                        "' holds numbers that are not finite");
  file.add(name, x.view());
}

}  // namespace detail

/// Adds a model's numbers, and those of its training if there are some, to a file. `state` must last until it
/// is written. Throws NumericError, naming the tensor, for numbers that are not finite.
template <class T>
void write_state(SafetensorsWriter& file, const TrainingStateOf<T>& state) {
  for (const auto& e : state.tensors) detail::add_finite(file, e.name, e.value);
  for (const auto& e : state.averages) detail::add_finite(file, detail::average_prefix + e.name, e.value);
  if (!state.has_training()) return;
  detail::add_finite(file, detail::first_moment_name, state.first_moment);
  detail::add_finite(file, detail::second_moment_name, state.second_moment);
  file.metadata("step", std::to_string(state.steps));
  file.metadata("adam_steps", std::to_string(state.taken_steps));
  file.metadata("bad_steps", std::to_string(state.bad_steps));
}

/// Writes a model with its training, if there is one, into a file, atomically; docs/format.md is the format.
/// Throws FileError, and NumericError, naming the tensor, for numbers that are not finite.
template <class T>
void save(const std::filesystem::path& path, const ModelDescription& model, const TrainingStateOf<T>& state) {
  SafetensorsWriter file;
  write_state(file, state);
  write_metadata(file, model);
  file.save(path);
}

/// Writes the model into a file, in the type of its numbers; throws the same.
template <class Net, class T, class D>
void save(const std::filesystem::path& path, const Model<Net, T, D>& model) {
  TrainingStateOf<T> state;
  state.tensors = tensors_of(model);
  save(path, describe(model), state);
}

/// The same with the state of its training, from which `resume` goes on: moments, averages and counts of
/// steps. No step may be under way.
template <class Net, class T, class D, class Optimizer, class Ranks>
void save(const std::filesystem::path& path, const Model<Net, T, D>& model,
          const Trainer<Net, T, D, Optimizer, Ranks>& trainer) {
  save(path, describe(model), state_of(model, trainer));
}

/// The same of a model that is none of a Model's type, as readers of other formats make it.
inline void save(const std::filesystem::path& path, const SavedModel& model) {
  SafetensorsWriter file;
  for (const auto& e : model.tensors) detail::add_finite(file, e.name, e.value);
  write_metadata(file, model.description);
  file.save(path);
}

}  // namespace glow
