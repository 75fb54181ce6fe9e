#include "run/checkpoint.hpp"

#include <charconv>
#include <set>

namespace glow::app {

namespace {

constexpr const char* format = "glow-checkpoint-1";
constexpr const char* first_moment = "optimizer/first_moment";
constexpr const char* second_moment = "optimizer/second_moment";

std::filesystem::path newest(const std::filesystem::path& run) {
  std::filesystem::path best;
  const auto folder = run / "checkpoints";
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      // Names hold the step with leading zeros, so that their order is that of the steps.
      if (entry.path().extension() == ".safetensors" && entry.path().filename() > best.filename())
        best = entry.path();
    }
  }
  require<FileError>(!best.empty(), "'", run.string(),
                     "': no checkpoints/*.safetensors in this folder; is it a run of glow train?");
  return best;
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

// The tensors that the architecture asks for, and the counters.
TrainingState read_state(const SafetensorsFile& file, const Architecture& architecture, const Shape& image) {
  TrainingState state;
  auto shapes = declare_layer(GlowNet(architecture), {1, image[0], image[1], image[2]});
  Index trainable = 0;
  const auto tensor = [&](const std::string& name, const Shape& shape) {
    Tensor<float> value(shape);
    file.read_into(name, value.view());
    return value;
  };
  shapes.visit([&](std::string_view name, const Shape& shape, Role role = Role::trainable) {
    if (role == Role::derived) return;
    state.tensors.push_back({std::string(name), tensor(std::string(name), shape)});
    if (role == Role::trainable) trainable += shape.size();
  });
  state.first_moment = tensor(first_moment, {trainable});
  state.second_moment = tensor(second_moment, {trainable});
  state.steps = number(file, "step");
  state.taken_steps = number(file, "adam_steps", 0, state.steps);
  state.bad_steps = number(file, "bad_steps", 0, state.steps);
  return state;
}

Checkpoint read(const SafetensorsFile& file) {
  require<CheckpointError>(file.metadata("format") == format, "its format is '", file.metadata("format"),
                           "', not '", format, "'");
  Checkpoint c;
  try {
    c.config = config_from_json(nlohmann::json::parse(file.metadata("config")));
  } catch (const nlohmann::json::exception& e) {
    throw CheckpointError(join("its configuration is no JSON: ", e.what()));
  }
  constexpr Index longest_side = 4096;
  c.image = {number(file, "height", 1, longest_side), number(file, "width", 1, longest_side),
             number(file, "channels", 1, longest_side)};
  c.position = {number(file, "epoch"), number(file, "offset")};
  c.state = read_state(file, c.config.architecture(), c.image);
  std::set<std::string> known{first_moment, second_moment};
  for (const auto& e : c.state.tensors) known.insert(e.name);
  for (const TensorInfo& t : file.tensors()) {
    require<CheckpointError>(known.count(t.name) == 1, "tensor '", t.name, "' of shape ", t.shape_text(),
                             " is no part of its architecture");
  }
  return c;
}

}  // namespace

std::filesystem::path checkpoint_path(const std::filesystem::path& run, Index step) {
  std::string digits = std::to_string(step);
  digits.insert(0, digits.size() < 8 ? 8 - digits.size() : 0, '0');
  return run / "checkpoints" / ("step_" + digits + ".safetensors");
}

void save_checkpoint(const std::filesystem::path& path, const TrainingState& state, const Position& position,
                     const Config& config, const Shape& image) {
  SafetensorsWriter writer;
  for (const auto& e : state.tensors) writer.add(e.name, e.value.view());
  writer.add(first_moment, state.first_moment.view());
  writer.add(second_moment, state.second_moment.view());
  writer.metadata("format", format);
  writer.metadata("config", to_json(config).dump());
  writer.metadata("channels", std::to_string(image[2]));
  writer.metadata("height", std::to_string(image[0]));
  writer.metadata("width", std::to_string(image[1]));
  writer.metadata("step", std::to_string(state.steps));
  writer.metadata("adam_steps", std::to_string(state.taken_steps));
  writer.metadata("bad_steps", std::to_string(state.bad_steps));
  writer.metadata("epoch", std::to_string(position.epoch));
  writer.metadata("offset", std::to_string(position.offset));
  writer.save(path);
}

Checkpoint open_checkpoint(const std::filesystem::path& run) {
  require<FileError>(std::filesystem::exists(run), "'", run.string(),
                     "' does not exist; give a run folder or a checkpoint");
  const auto path = std::filesystem::is_directory(run) ? newest(run) : run;
  const SafetensorsFile file = SafetensorsFile::open(path);
  Checkpoint c = reading(path, [&] { return read(file); });
  c.path = path;
  return c;
}

std::unique_ptr<Engine> Checkpoint::engine(const std::string& device) const {
  auto engine =
      make_engine(resolve_device(device), config.architecture(), image, config.train_options(), config.seed);
  engine->set_state(state);
  return engine;
}

}  // namespace glow::app
