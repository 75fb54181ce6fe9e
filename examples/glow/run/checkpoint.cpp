#include "run/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <glow/runtime/open.hpp>
#include <glow/saved/save.hpp>

#include "run/step_name.hpp"

namespace glow::app {

namespace {

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

// The rest of a file that a run wrote.
using detail::whole_number;

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
  BestValidation best{whole_number(file, best_step, 0, steps), 0, whole_number(file, validations_since)};
  const std::string& text = file.metadata(best_bits_per_dim);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), best.bits_per_dim);
  require<CheckpointError>(
      error == std::errc() && end == text.data() + text.size() && std::isfinite(best.bits_per_dim),
      "metadata '", best_bits_per_dim, "': '", text, "' must be a finite number");
  return best;
}

// The settings of a model that no run wrote.
Config config_of(const ModelDescription& d) {
  Config c;
  const Architecture& a = *d.architecture;
  c.bits = d.domain.bits();
  c.levels = a.levels;
  c.depth = a.depth;
  c.width = a.width;
  c.learn_top_prior = a.learn_top_prior;
  c.precision = name_of(a.precision);
  c.coupling = name_of(a.coupling);
  c.permutation = name_of(a.permutation);
  c.classes = a.classes > 0;
  c.condition = name_of(a.conditional);
  c.class_names = d.class_names;
  for (Index i = static_cast<Index>(c.class_names.size()); i < a.classes; ++i)
    c.class_names.push_back(std::to_string(i));
  return c;
}

// Throws unless the configuration of a file is that of its model.
void check_config(const Config& config, const ModelDescription& d) {
  const Architecture theirs = config.architecture(), &ours = *d.architecture;
  const auto same = [](const char* name, const auto& of_config, const auto& of_model) {
    require<CheckpointError>(of_config == of_model, "metadata 'config': ", name, " is ", of_config,
                             ", but its model has ", of_model);
  };
  same("bits", config.bits, d.domain.bits());
  same("levels", theirs.levels, ours.levels);
  same("depth", theirs.depth, ours.depth);
  same("width", theirs.width, ours.width);
  same("learn_top_prior", theirs.learn_top_prior, ours.learn_top_prior);
  same("coupling", name_of(theirs.coupling), name_of(ours.coupling));
  same("permutation", name_of(theirs.permutation), name_of(ours.permutation));
  same("condition", name_of(theirs.conditional), name_of(ours.conditional));
  same("the number of classes", theirs.classes, ours.classes);
}

Checkpoint read(const ModelFile& model) {
  const SafetensorsFile& file = model.tensors();
  const ModelDescription& d = model.description();
  Checkpoint c;
  c.description = d;
  require<CheckpointError>(d.sample.rank() == 3 && !d.domain.is_continuous(), "it is a model of ",
                           d.sample.rank() == 1 ? "vectors" : "continuous numbers",
                           ", not of 8-bit images; the library can open it, this program cannot");
  c.image = d.sample;
  c.state = read_state(model);
  if (file.metadata().count("config") == 0) {
    c.config = config_of(d);
    return c;
  }
  c.config = config_from_file(parse_json(file.metadata("config"), "metadata 'config'"));
  check_config(c.config, d);
  require<CheckpointError>(model.has_training(),
                           "it has a run's configuration, but no state of its training");
  const auto size = c.config.image_size();
  require<CheckpointError>(!size || (size->height == c.image[0] && size->width == c.image[1]),
                           "metadata: images ", c.image, " do not fit the configuration's size ",
                           c.config.size);
  c.position = {whole_number(file, "epoch"), whole_number(file, "offset")};
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
  SafetensorsWriter writer;
  write_state(writer, state);
  write_metadata(writer, description_of(config, image));
  if (data) {
    const auto add = [&](const char* name, const std::vector<std::int64_t>& numbers) {
      if (!numbers.empty())
        writer.add(name, View<const std::int64_t>(numbers.data(), {static_cast<Index>(numbers.size())}));
    };
    add(fingerprints_of_data, data->images);
    add(fingerprints_of_earlier_data, data->earlier);
    writer.metadata("data", to_json(*data).dump());
  }
  writer.metadata("config", json_text(config));
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

ModelDescription description_of(const Config& config, const Shape& image) {
  return {.architecture = config.architecture(),
          .sample = image,
          .domain = Pixels{config.bits},
          .coupling = config.coupling,
          .class_names = config.class_names};
}

Checkpoint read_checkpoint(const ModelFile& file) {
  Checkpoint c = detail::reading(file.path(), [&] { return read(file); });
  c.path = file.path();
  return c;
}

Checkpoint open_checkpoint(const std::filesystem::path& run) {
  require<FileError>(std::filesystem::exists(run), "'", run.string(),
                     "' does not exist; give a run folder or a checkpoint");
  return read_checkpoint(ModelFile::open(std::filesystem::is_directory(run) ? newest(run) : run));
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
