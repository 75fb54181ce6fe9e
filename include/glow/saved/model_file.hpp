// ModelFile: a safetensors file that holds a model, opened.
#pragma once

#include <algorithm>
#include <set>

#include <glow/core/named_values.hpp>
#include <glow/saved/format_1.hpp>
#include <glow/saved/model_numbers.hpp>
#include <glow/saved/training_state.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Which weights a model is made of.
enum class Weights {
  ema,  ///< the running averages, where the file has them
  raw,  ///< those of the last step
};

/// "ema" or "raw"; throws Error for another name.
inline Weights weights_of(std::string_view name) {
  static constexpr std::array<std::string_view, 2> names{"ema", "raw"};
  return value_named<Weights>("weights", names, name);
}

namespace detail {

inline constexpr const char* first_moment_name = "optimizer/first_moment";
inline constexpr const char* second_moment_name = "optimizer/second_moment";
inline const std::string average_prefix = "average/";     // and the name of a parameter
inline constexpr std::string_view data_prefix = "data/";  // a program's own tensors

// What fn() returns; whatever it finds wrong is said of the file `path`.
template <class F>
auto reading(const std::filesystem::path& path, F fn) {
  const std::string lead = "'" + path.string() + "': ";
  try {
    return fn();
  } catch (const Error& e) {
    throw CheckpointError(std::string(e.what()).starts_with(lead) ? e.what() : lead + e.what());
  }
}

}  // namespace detail

/// A model file with what it says of its model. Files of this and of older versions are read, see
/// docs/format.md.
class ModelFile {
 public:
  /// Throws FileError and CheckpointError as SafetensorsFile::open does, and CheckpointError, naming the
  /// file, for one that is no model file, is of a newer version, or describes what cannot be.
  static ModelFile open(const std::filesystem::path& path) { return {SafetensorsFile::open(path), path}; }

  /// The same of a file that was opened as `path`.
  ModelFile(SafetensorsFile file, std::filesystem::path path)
      : path_(std::move(path)), file_(std::move(file)) {
    description_ = detail::reading(
        path_, [this] { return version() == 1 ? detail::read_format_1(file_) : read_metadata(file_); });
  }

  const std::filesystem::path& path() const { return path_; }
  const SafetensorsFile& tensors() const { return file_; }
  const ModelDescription& description() const { return description_; }
  /// Whether there is a state of training beside the model.
  bool has_training() const { return file_.contains(detail::first_moment_name); }

  /// The numbers of a model of `net`, described by this file, and, if there is one, the state of its
  /// training. Throws CheckpointError, naming the file, the tensor and both shapes, where one is missing, of
  /// another shape or of a type that is no number, where one is unknown, and for numbers that no model can
  /// have. Takes no more memory than the file has.
  template <class T = float, class Net>
  TrainingStateOf<T> state(const Net& net) const {
    return detail::reading(path_, [&] { return read<T>(net); });
  }

  /// The same with `weights` for the model's parameters.
  template <class T = float, class Net>
  TrainingStateOf<T> state(const Net& net, Weights weights) const {
    TrainingStateOf<T> s = state<T>(net);
    if (weights == Weights::raw || s.taken_steps == 0) return s;
    std::size_t i = 0;
    for (auto& e : s.tensors) {
      if (i < s.averages.size() && s.averages[i].name == e.name) e.value = s.averages[i++].value;
    }
    return s;
  }

 private:
  // A tensor of the file: its name there, and its shape.
  struct Declared {
    std::string name;
    Shape shape;
  };

  Index version() const {
    const std::string& format = file_.metadata("format");
    Index n = 0;
    const bool ours = format.starts_with(detail::format_name);
    const char *first = format.data() + (ours ? detail::format_name.size() : 0),
               *last = format.data() + format.size();
    const auto [end, error] = std::from_chars(first, last, n);
    require<CheckpointError>(ours && error == std::errc() && end == last && n >= 1, "its format is '", format,
                             "', not '", detail::format_name, model_file_version, "'");
    require<CheckpointError>(n <= model_file_version, "its format, ", n, ", is newer than ",
                             model_file_version, ", the newest that this glow reads; a newer glow is needed");
    return n;
  }

  // The tensors of the model in the order of the layers, their averages, if there are some, and the moments.
  // Throws where one is not in the file, has another shape there, or where the file has one more: so that a
  // file which fits costs no more memory than it has.
  template <class Net>
  std::vector<Declared> declared_by(const Net& net, bool averaged) const {
    using Level = typename Net::level_type;
    const SampleShape shapes(description_.sample, begins_with_squeeze<Level>);
    std::vector<Declared> declared, averages;
    Index trainable = 0;
    auto declared_shapes = declare_layer(
        WithDomain<Net>(net, description_.domain.is_continuous(), shapes.input(1)), shapes.batch(1));
    declared_shapes.visit([&](std::string_view name, const Shape& shape, Role role = Role::trainable) {
      if (role != Role::derived) declared.push_back({std::string(name), shape});
      if (!is_trainable(role)) return;
      trainable += shape.size();
      if (averaged) averages.push_back({detail::average_prefix + std::string(name), shape});
    });
    declared.insert(declared.end(), averages.begin(), averages.end());
    if (has_training()) {
      declared.push_back({detail::first_moment_name, {trainable}});
      declared.push_back({detail::second_moment_name, {trainable}});
    }
    return declared;
  }

  void check_tensors(const std::vector<Declared>& declared) const {
    std::set<std::string> known;
    for (const Declared& d : declared) {
      file_.check_shape(d.name, d.shape);
      known.insert(d.name);
    }
    for (const TensorInfo& t : file_.tensors()) {
      require<CheckpointError>(known.count(t.name) == 1 || t.name.starts_with(detail::data_prefix),
                               "tensor '", t.name, "' of shape ", t.shape_text(),
                               " is not part of its architecture");
    }
  }

  template <class T, class Net>
  TrainingStateOf<T> read(const Net& net) const {
    const bool averaged =
        std::any_of(file_.tensors().begin(), file_.tensors().end(),
                    [](const TensorInfo& t) { return t.name.starts_with(detail::average_prefix); });
    const std::vector<Declared> declared = declared_by(net, averaged);
    TrainingStateOf<T> state;
    if (has_training()) {
      state.steps = detail::whole_number(file_, "step");
      state.taken_steps = detail::whole_number(file_, "adam_steps", 0, state.steps);
      state.bad_steps = detail::whole_number(file_, "bad_steps", 0, state.steps - state.taken_steps);
    }
    check_tensors(declared);
    for (const Declared& d : declared) {
      if (d.name == detail::first_moment_name) {
        state.first_moment = file_.read<T>(d.name);
      } else if (d.name == detail::second_moment_name) {
        state.second_moment = file_.read<T>(d.name);
      } else if (d.name.starts_with(detail::average_prefix)) {
        state.averages.push_back({d.name.substr(detail::average_prefix.size()), file_.read<T>(d.name)});
      } else {
        state.tensors.push_back({d.name, file_.read<T>(d.name)});
      }
    }
    for (const auto* entries : {&state.tensors, &state.averages}) {
      for (const auto& e : *entries) check_model_numbers<T>(e.name, e.value.view());
    }
    if (has_training())
      check_moments<T>(detail::first_moment_name, state.first_moment.view(), detail::second_moment_name,
                       state.second_moment.view());
    return state;
  }

  std::filesystem::path path_;
  SafetensorsFile file_;
  ModelDescription description_;
};

}  // namespace glow
