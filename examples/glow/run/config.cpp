#include "run/config.hpp"

#include <cmath>

#include <glow/io/atomic_file.hpp>

namespace glow::app {

using Json = nlohmann::json;

namespace {

// Calls fn(name, member) for every setting, so that reading and writing name each once.
template <class C, class F>
void for_each_setting(C& c, F fn) {
  fn("data", c.data);
  fn("size", c.size);
  fn("train_split", c.train_split);
  fn("bits", c.bits);
  fn("depth", c.depth);
  fn("levels", c.levels);
  fn("width", c.width);
  fn("learn_top_prior", c.learn_top_prior);
  fn("batch", c.batch);
  fn("lr", c.lr);
  fn("warmup_steps", c.warmup_steps);
  fn("warmup_epochs", c.warmup_epochs);
  fn("steps", c.steps);
  fn("epochs", c.epochs);
  fn("sample_every", c.sample_every);
  fn("save_every", c.save_every);
  fn("validate_every", c.validate_every);
  fn("temperature", c.temperature);
  fn("flip", c.flip);
  fn("strict", c.strict);
  fn("seed", c.seed);
  fn("threads", c.threads);
  fn("device", c.device);
  fn("precision", c.precision);
  fn("activations", c.activations);
  fn("activation_mib", c.activation_mib);
}

bool same_kind(const Json& value, const std::string&) { return value.is_string(); }
bool same_kind(const Json& value, bool) { return value.is_boolean(); }
bool same_kind(const Json& value, double) { return value.is_number(); }
bool same_kind(const Json& value, std::uint64_t) { return value.is_number_unsigned(); }
bool same_kind(const Json& value, Index) {
  return value.is_number_integer() &&
         (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX);
}
bool same_kind(const Json& value, int) {
  return value.is_number_integer() && std::abs(value.get<double>()) < 1e9;
}

}  // namespace

Architecture Config::architecture() const {
  const auto check = [](const char* name, Index value, Index most) {
    require(value >= 1 && value <= most, name, ": ", value, " must be 1 to ", most);
  };
  check("levels", levels, 16);
  check("depth", depth, 1024);
  check("width", width, 65536);
  return {.levels = levels,
          .depth = depth,
          .width = width,
          .learn_top_prior = learn_top_prior,
          .precision = precision_of(precision)};
}

TrainOptions Config::train_options() const {
  require(activation_mib >= 0 && activation_mib <= 1 << 24, "activation_mib: ", activation_mib,
          " must be 0 to ", 1 << 24);
  return {.n_bits = bits,
          .learning_rate = lr,
          .warmup_steps = warmup_steps,
          .seed = seed,
          .activations = activations_of(activations),
          .activation_budget = static_cast<std::size_t>(activation_mib) << 20};
}

std::optional<ImageSize> Config::image_size() const {
  if (size.empty()) return std::nullopt;
  ImageSize s{};
  int used = 0;
  const bool whole = std::sscanf(size.c_str(), "%tdx%td%n", &s.height, &s.width, &used) == 2 &&
                     static_cast<std::size_t>(used) == size.size();
  require(whole && s.height >= 1 && s.width >= 1 && s.height <= 4096 && s.width <= 4096, "size: '", size,
          "' must be HxW, such as 64x64, with sides from 1 to 4096");
  return s;
}

Index Config::train_images(Index images) const {
  require(train_split > 0, "train_split: ", train_split, " must be above 0");
  const double n = std::floor(train_split <= 1 ? train_split * static_cast<double>(images) : train_split);
  require(n >= 1 && n < static_cast<double>(images), "train_split: ", train_split, " leaves ", n, " of ",
          images, " images to train on; at least one must be left for each of training and validation");
  return static_cast<Index>(n);
}

void Config::resolve(Index train_images) {
  const auto steps_of = [&](const char* name, double e) {
    const double n = std::ceil(e * static_cast<double>(train_images) / static_cast<double>(batch));
    require(e >= 0 && n < 1e15, name, ": ", e, " must not be negative, nor give 1e15 steps or more");
    return static_cast<Index>(n);
  };
  const auto check = [](const char* name, Index value) {
    require(value >= 0, name, ": ", value, " must not be negative");
  };
  require(batch >= 1, "batch: ", batch, " must be at least 1");
  require(steps >= 0 && (steps > 0 || epochs > 0), "steps: ", steps, " and epochs: ", epochs,
          " give no step to take");
  check("warmup_steps", warmup_steps);
  check("sample_every", sample_every);
  check("save_every", save_every);
  check("validate_every", validate_every);
  check("threads", threads);
  require(bits >= 1 && bits <= 8, "bits: ", bits, " must be 1 to 8");
  require(lr > 0 && std::isfinite(lr), "lr: ", lr, " must be above 0 and finite");
  require(temperature >= 0 && std::isfinite(temperature), "temperature: ", temperature,
          " must be at least 0 and finite");
  if (steps == 0) steps = steps_of("epochs", epochs);
  warmup_steps += steps_of("warmup_epochs", warmup_epochs);
  warmup_epochs = 0;
}

Json preset(const std::string& name) {
  if (name == "digits") {
    return {{"data", "digits"},
            {"train_split", 1600},
            {"bits", 4},
            {"depth", 4},
            {"levels", 2},
            {"width", 64},
            {"batch", 64},
            {"lr", 1e-3},
            {"warmup_steps", 25},
            {"steps", 1000},
            {"sample_every", 50},
            {"save_every", 500},
            {"validate_every", 100},
            {"learn_top_prior", true}};
  }
  if (name == "reference-celeba64") {
    return {{"size", "64x64"},
            {"train_split", 0.6},
            {"bits", 5},
            {"depth", 16},
            {"levels", 3},
            {"width", 512},
            {"batch", 64},
            {"lr", 1e-3},
            {"warmup_epochs", 1.0},
            {"epochs", 13.0},
            {"sample_every", 380},
            {"save_every", 9500},
            {"validate_every", 1900},
            {"learn_top_prior", true},
            {"temperature", 0.7}};
  }
  throw Error("preset: '" + name + "' is none of digits, reference-celeba64");
}

Json to_json(const Config& config) {
  Json json;
  for_each_setting(config, [&](const char* name, const auto& value) { json[name] = value; });
  return json;
}

Config config_from_json(const Json& json) {
  require(json.is_object(), "config: a JSON object is needed");
  Config config;
  Json rest = json;
  for_each_setting(config, [&](const char* name, auto& value) {
    const auto it = rest.find(name);
    if (it == rest.end()) return;
    require(same_kind(*it, value), "config: the value ", it->dump(), " of '", name,
            "' is of the wrong kind, unlike ", Json(value).dump());
    it->get_to(value);
    rest.erase(it);
  });
  require(rest.empty(), "config: there is no setting '", rest.empty() ? "" : rest.begin().key(), "'");
  return config;
}

Json read_json(const std::string& path) {
  const std::vector<std::byte> bytes = read_file(path);
  Json json;
  try {
    json = Json::parse(reinterpret_cast<const char*>(bytes.data()),
                       reinterpret_cast<const char*>(bytes.data() + bytes.size()));
  } catch (const Json::parse_error& e) {
    throw FileError(join("'", path, "': no JSON: ", e.what()));
  }
  require<FileError>(json.is_object(), "'", path, "': a JSON object is needed");
  return json;
}

}  // namespace glow::app
