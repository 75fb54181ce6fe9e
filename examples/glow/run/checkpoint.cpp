#include "run/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include <glow/core/named_values.hpp>

#include "run/model_numbers.hpp"
#include "run/step_name.hpp"

namespace glow::app {

namespace {

constexpr const char* format = "glow-checkpoint-1";
constexpr const char* first_moment = "optimizer/first_moment";
constexpr const char* second_moment = "optimizer/second_moment";
const std::string average = "average/";  // and the name of a parameter
constexpr const char* fingerprints_of_data = "data/fingerprints";
constexpr const char* unwritten_metrics = "unwritten_metrics";
constexpr const char* best_step = "best_step";
constexpr const char* best_bits_per_dim = "best_bits_per_dim";
constexpr const char* validations_since = "validations_since_best";
constexpr const char* extension = ".safetensors";
constexpr const char* fingerprints_of_earlier_data = "data/earlier_fingerprints";

// The checkpoint of the highest step.
std::filesystem::path newest(const std::filesystem::path& run) {
  const auto files = checkpoints_newest_first(run);
  require<FileError>(
      !files.empty(), "'", run.string(),
      "': no checkpoints/step_*.safetensors in this folder; is it a run of glow train that saved?");
  return files.front();
}

void check_finite(const std::string& name, View<const float> values) {
  const auto finite = [](float v) { return std::isfinite(v); };
  require<NumericError>(std::all_of(values.begin(), values.end(), finite), "'", name,
                        "' holds numbers that are not finite");
}

// Metadata `key`, which must be a whole number from `least` to `most`.
Index number(const SafetensorsFile& file, const std::string& key, Index least = 0,
             Index most = Index{1} << 53) {
  const std::string& text = file.metadata(key);
  Index n = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  require<CheckpointError>(
      error == std::errc() && end == text.data() + text.size() && n >= least && n <= most, "metadata '", key,
      "': '", text, "' must be a whole number from ", least, " to ", most);
  return n;
}

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

// A tensor of a checkpoint: its name there, and its shape.
struct Declared {
  std::string name;
  Shape shape;
};

// The tensors of a model in the order of the layers, their averages, if there are some, and Adam's moments.
// Throws where one is not in the file, has another shape there, or where the file has one more: so that a
// file which fits costs no more memory than it has.
std::vector<Declared> tensors_of(const SafetensorsFile& file, const Config& config, const Shape& image) {
  std::vector<Declared> declared, averages;
  Index trainable = 0;
  auto shapes = declare_layer(GlowNet(config.architecture()), image.samples(1));
  shapes.visit([&](std::string_view name, const Shape& shape, Role role = Role::trainable) {
    if (role != Role::derived) declared.push_back({std::string(name), shape});
    if (!is_trainable(role)) return;
    trainable += shape.size();
    if (config.ema > 0) averages.push_back({average + std::string(name), shape});
  });
  declared.insert(declared.end(), averages.begin(), averages.end());
  declared.push_back({first_moment, {trainable}});
  declared.push_back({second_moment, {trainable}});
  std::set<std::string> known;
  if (file.metadata().count("data") == 1) known.insert({fingerprints_of_data, fingerprints_of_earlier_data});
  for (const Declared& d : declared) {
    file.check_shape(d.name, d.shape);
    known.insert(d.name);
  }
  for (const TensorInfo& t : file.tensors()) {
    require<CheckpointError>(known.count(t.name) == 1, "tensor '", t.name, "' of shape ", t.shape_text(),
                             " is not part of its architecture");
  }
  return declared;
}

TrainingState read_state(const SafetensorsFile& file, const Config& config, const Shape& image) {
  TrainingState state;
  state.steps = number(file, "step");
  state.taken_steps = number(file, "adam_steps", 0, state.steps);
  state.bad_steps = number(file, "bad_steps", 0, state.steps - state.taken_steps);
  for (const Declared& d : tensors_of(file, config, image))
    state.tensors.push_back({d.name, file.read<float>(d.name)});
  state.second_moment = std::move(state.tensors.back().value);
  state.tensors.pop_back();
  state.first_moment = std::move(state.tensors.back().value);
  state.tensors.pop_back();
  const auto first_average = std::stable_partition(
      state.tensors.begin(), state.tensors.end(), [](const auto& e) { return !e.name.starts_with(average); });
  for (auto e = first_average; e != state.tensors.end(); ++e)
    state.averages.push_back({e->name.substr(average.size()), std::move(e->value)});
  state.tensors.erase(first_average, state.tensors.end());
  for (const auto* entries : {&state.tensors, &state.averages}) {
    for (const auto& e : *entries) check_model_numbers(e.name, e.value.view());
  }
  check_moments(first_moment, state.first_moment.view(), second_moment, state.second_moment.view());
  return state;
}

// What the run was trained on, if the file says.
std::optional<DataRecord> read_data(const SafetensorsFile& file) {
  const auto it = file.metadata().find("data");
  if (it == file.metadata().end()) return std::nullopt;
  const auto numbers = [&](const char* name) {
    const auto x = file.contains(name) ? file.read<std::int64_t>(name) : Tensor<std::int64_t>(Shape{0});
    return std::vector<std::int64_t>(x.begin(), x.end());
  };
  return record_from_json(nlohmann::json::parse(it->second, nullptr, false), numbers(fingerprints_of_data),
                          numbers(fingerprints_of_earlier_data));
}

// The best validation up to a step; none in checkpoints from before there was one.
BestValidation read_best(const SafetensorsFile& file, Index steps) {
  if (file.metadata().count(best_step) == 0) return {};
  BestValidation best{number(file, best_step, 0, steps), 0, number(file, validations_since)};
  const std::string& text = file.metadata(best_bits_per_dim);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), best.bits_per_dim);
  require<CheckpointError>(
      error == std::errc() && end == text.data() + text.size() && std::isfinite(best.bits_per_dim),
      "metadata '", best_bits_per_dim, "': '", text, "' must be a finite number");
  return best;
}

Checkpoint read(const SafetensorsFile& file) {
  require<CheckpointError>(file.metadata("format") == format, "its format is '", file.metadata("format"),
                           "', not '", format, "'");
  Checkpoint c;
  c.config = config_from_file(parse_json(file.metadata("config"), "metadata 'config'"));
  constexpr Index longest_side = 4096, most_channels = 4096;
  c.image = {number(file, "height", 1, longest_side), number(file, "width", 1, longest_side),
             number(file, "channels", 1, most_channels)};
  const auto size = c.config.image_size();
  require<CheckpointError>(!size || (size->height == c.image[0] && size->width == c.image[1]),
                           "metadata: images ", c.image, " do not fit the configuration's size ",
                           c.config.size);
  c.position = {number(file, "epoch"), number(file, "offset")};
  c.state = read_state(file, c.config, c.image);
  c.best = read_best(file, c.state.steps);
  c.data = read_data(file);
  if (file.metadata().count(unwritten_metrics) == 1) c.unwritten_metrics = file.metadata(unwritten_metrics);
  return c;
}

}  // namespace

std::filesystem::path checkpoint_path(const std::filesystem::path& run, Index step) {
  return run / "checkpoints" / (step_name(step) + extension);
}

std::vector<std::filesystem::path> checkpoints_newest_first(const std::filesystem::path& run) {
  std::vector<std::pair<Index, std::filesystem::path>> found;
  const auto folder = run / "checkpoints";
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const auto step = step_of(entry.path(), extension);
      if (step && entry.is_regular_file()) found.emplace_back(*step, entry.path());
    }
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::filesystem::path> files;
  for (auto& [step, file] : found) files.push_back(std::move(file));
  return files;
}

void save_checkpoint(const std::filesystem::path& path, const TrainingState& state, const Position& position,
                     const Config& config, const Shape& image, const std::optional<DataRecord>& data,
                     const std::string& unwritten, const BestValidation& best) {
  for (const auto& e : state.tensors) check_finite(e.name, e.value.view());
  for (const auto& e : state.averages) check_finite(average + e.name, e.value.view());
  check_finite(first_moment, state.first_moment.view());
  check_finite(second_moment, state.second_moment.view());
  SafetensorsWriter writer;
  for (const auto& e : state.tensors) writer.add(e.name, e.value.view());
  for (const auto& e : state.averages) writer.add(average + e.name, e.value.view());
  writer.add(first_moment, state.first_moment.view());
  writer.add(second_moment, state.second_moment.view());
  if (data) {
    const auto add = [&](const char* name, const std::vector<std::int64_t>& numbers) {
      if (!numbers.empty())
        writer.add(name, View<const std::int64_t>(numbers.data(), {static_cast<Index>(numbers.size())}));
    };
    add(fingerprints_of_data, data->images);
    add(fingerprints_of_earlier_data, data->earlier);
    writer.metadata("data", to_json(*data).dump());
  }
  writer.metadata("format", format);
  writer.metadata("config", json_text(config));
  writer.metadata("channels", std::to_string(image[2]));
  writer.metadata("height", std::to_string(image[0]));
  writer.metadata("width", std::to_string(image[1]));
  writer.metadata("step", std::to_string(state.steps));
  writer.metadata("adam_steps", std::to_string(state.taken_steps));
  writer.metadata("bad_steps", std::to_string(state.bad_steps));
  writer.metadata("epoch", std::to_string(position.epoch));
  writer.metadata("offset", std::to_string(position.offset));
  if (best.step >= 0) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, best.bits_per_dim);
    writer.metadata(best_step, std::to_string(best.step));
    writer.metadata(best_bits_per_dim, std::string(digits, end));
    writer.metadata(validations_since, std::to_string(best.since));
  }
  if (!unwritten.empty()) writer.metadata(unwritten_metrics, unwritten);
  writer.save(path);
}

Checkpoint read_checkpoint(const SafetensorsFile& file, const std::filesystem::path& path) {
  Checkpoint c = reading(path, [&] { return read(file); });
  c.path = path;
  return c;
}

Checkpoint open_checkpoint(const std::filesystem::path& run) {
  require<FileError>(std::filesystem::exists(run), "'", run.string(),
                     "' does not exist; give a run folder or a checkpoint");
  const auto path = std::filesystem::is_directory(run) ? newest(run) : run;
  return read_checkpoint(SafetensorsFile::open(path), path);
}

Weights weights_of(const std::string& name) {
  static constexpr std::array<std::string_view, 2> names{"ema", "raw"};
  return value_named<Weights>("weights", names, name);
}

Checkpoint open_model(const std::filesystem::path& run, Weights weights) {
  Checkpoint c = open_checkpoint(run);
  if (weights == Weights::raw || c.state.taken_steps == 0) return c;
  std::size_t i = 0;
  for (auto& e : c.state.tensors) {
    if (i < c.state.averages.size() && c.state.averages[i].name == e.name)
      e.value = c.state.averages[i++].value;
  }
  return c;
}

}  // namespace glow::app
