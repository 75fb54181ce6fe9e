#include "run/config.hpp"

#include <cmath>
#include <limits>

#include <glow/runtime/nets.hpp>

#include "run/setting_range.hpp"
#include "run/utf8.hpp"

namespace glow::app {

using Json = nlohmann::json;

namespace {

constexpr Range counts{0, 1e15};

// Calls fn(name, member, range) for every setting, so that each is named once.
template <class C, class F>
void for_each_setting(C& c, F fn) {
  fn("data", c.data, Range{});
  fn("size", c.size, Range{});
  fn("channels", c.channels, Range{0, 4096});
  fn("train_split", c.train_split, Range{.above = true});
  fn("bits", c.bits, Range{1, 8});
  fn("depth", c.depth, Range{1, 1024});
  fn("levels", c.levels, Range{1, 16});
  fn("width", c.width, Range{1, 65536});
  fn("learn_top_prior", c.learn_top_prior, Range{});
  fn("batch", c.batch, Range{1, 1 << 24});
  fn("lr", c.lr, Range{.above = true});
  fn("warmup_steps", c.warmup_steps, counts);
  fn("warmup_epochs", c.warmup_epochs, Range{});
  fn("schedule", c.schedule, Range{});
  fn("lr_last", c.lr_last, Range{0, 1});
  fn("lr_every", c.lr_every, counts);
  fn("lr_factor", c.lr_factor, Range{0, 1});
  fn("optimizer", c.optimizer, Range{});
  fn("weight_decay", c.weight_decay, Range{});
  fn("clip_norm", c.clip_norm, Range{});
  fn("clip_value", c.clip_value, Range{});
  fn("ema", c.ema, Range{0, 0.999999});
  fn("accumulate", c.accumulate, Range{1, 1 << 24});
  fn("compression", c.compression, Range{});
  fn("init_from", c.init_from, Range{});
  fn("patience", c.patience, counts);
  fn("keep", c.keep, counts);
  fn("steps", c.steps, counts);
  fn("epochs", c.epochs, Range{});
  fn("sample_every", c.sample_every, counts);
  fn("save_every", c.save_every, counts);
  fn("validate_every", c.validate_every, counts);
  fn("telemetry_every", c.telemetry_every, counts);
  fn("temperature", c.temperature, Range{0, FLT_MAX});
  fn("flip", c.flip, Range{});
  fn("strict", c.strict, Range{});
  fn("max_megapixels", c.max_megapixels, Range{1, 10000});
  fn("cache_mib", c.cache_mib, Range{0, 1 << 24});
  fn("shuffle", c.shuffle, Range{});
  fn("shuffle_buffer", c.shuffle_buffer, Range{1, 1e15});
  fn("seed", c.seed, Range{});
  fn("threads", c.threads, Range{0, 1024});
  fn("device", c.device, Range{});
  fn("precision", c.precision, Range{});
  fn("coupling", c.coupling, Range{});
  fn("permutation", c.permutation, Range{});
  fn("classes", c.classes, Range{});
  fn("condition", c.condition, Range{});
  fn("class_names", c.class_names, Range{});
  fn("activations", c.activations, Range{});
  fn("activation_mib", c.activation_mib, Range{0, 1 << 24});
}

Json written(const std::string& text) { return to_utf8(text); }
Json written(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(to_utf8(text));
  return list;
}
template <class T>
Json written(const T& value) {
  return value;
}

// Sets one member of `config`; throws Error for a setting that there is none of, and a value that it cannot
// have.
void set(Config& config, const std::string& key, const Json& value) {
  bool known = false;
  for_each_setting(config, [&](const char* name, auto& setting, const Range& range) {
    if (key != name) return;
    known = true;
    set_from_json(name, setting, value, range);
  });
  require(known, "there is no setting '", key.substr(0, 100), "'");
  config.image_size();
  require(config.device == "auto" || config.device == "cpu" || config.device == "cuda", "device: '",
          config.device, "' is none of auto, cpu, cuda");
  require(config.shuffle == "auto" || config.shuffle == "full" || config.shuffle == "shards", "shuffle: '",
          config.shuffle, "' is none of auto, full, shards");
  precision_of(config.precision);
  coupling_map_of(config.coupling);
  permutation_kind_of(config.permutation);
  conditional_of(config.condition);
  activations_of(config.activations);
  schedule_kind_of(config.schedule);
  adam_variant_of(config.optimizer);
  compression_of(config.compression);
}

}  // namespace

Architecture Config::architecture() const {
  return {.levels = levels,
          .depth = depth,
          .width = width,
          .learn_top_prior = learn_top_prior,
          .precision = precision_of(precision),
          .coupling = coupling_map_of(coupling),
          .permutation = permutation_kind_of(permutation),
          .conditional = conditional_of(condition),
          .classes = classes ? static_cast<Index>(class_names.size()) : 0};
}

Json architecture_settings(const Config& config) {
  const Json all = to_json(config);
  Json settings;
  for (const char* name :
       {"class_names", "condition", "coupling", "depth", "learn_top_prior", "levels", "permutation", "width"})
    settings[name] = all.at(name);
  return settings;
}

TrainOptions Config::train_options() const {
  return {.learning_rate = lr,
          .warmup_steps = warmup_steps,
          .seed = seed,
          .bad_steps_limit = std::numeric_limits<Index>::max(),  // a run counts them, and saves first
          .adam = {.variant = adam_variant_of(optimizer), .weight_decay = weight_decay},
          .schedule = {.kind = schedule_kind_of(schedule),
                       .steps = std::max(steps, warmup_steps + 1),  // a warm-up may be longer than the run
                       .last = lr_last,
                       .every = lr_every,
                       .factor = lr_factor},
          .clip_norm = clip_norm,
          .clip_value = clip_value,
          .average = ema,
          .parts = accumulate,
          .compression = compression_of(compression),
          .activations = activations_of(activations),
          .activation_budget = static_cast<std::size_t>(activation_mib) << 20};
}

void Config::check_training() const {
  require(weight_decay == 0 || optimizer == "adamw", "weight_decay: ", weight_decay,
          " goes with optimizer adamw, not with ", optimizer);
  require(lr_last == 0 || schedule == "cosine", "lr_last: ", lr_last, " goes with schedule cosine, not with ",
          schedule);
  require(lr_every == 0 || schedule == "step", "lr_every: ", lr_every, " goes with schedule step, not with ",
          schedule);
  require(lr_every > 0 || schedule != "step", "schedule: step needs lr_every, the steps between two falls");
  require(lr_factor > 0, "lr_factor: ", lr_factor, " must be above 0");
  require(patience == 0 || validate_every > 0, "patience: ", patience,
          " counts validations, and validate_every is 0");
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

PictureOptions Config::picture_options(FolderOrder order) const {
  return {.most_pixels = max_megapixels * 1'000'000, .cache_bytes = cache_mib << 20, .order = order};
}

Index Config::shuffle_window(const Dataset& images) const {
  const bool in_shards = !images.shards().empty();
  require(in_shards || shuffle != "shards", "shuffle: '", data,
          "' does not lie in shards; such data are shuffled in full");
  return in_shards && shuffle != "full" ? shuffle_buffer : 0;
}

Index Config::train_images(Index images) const {
  const double n = std::floor(train_split <= 1 ? train_split * static_cast<double>(images) : train_split);
  require(n >= 1 && n < static_cast<double>(images), "train_split: ", train_split, " leaves ", n, " of ",
          images, " images to train on; at least one must be left for each of training and validation");
  return static_cast<Index>(n);
}

void Config::check_levels(const Shape& image) const {
  try {
    ImageNet(architecture()).declare(image.samples(1));
  } catch (const ShapeError& e) {
    const Index factor = Index{1} << levels;
    const auto fitting = [&](Index side) { return (side + factor - 1) / factor * factor; };
    const Index rows = fitting(image[0]), columns = fitting(image[1]);
    if (rows == image[0] && columns == image[1]) throw;
    int most = 0;
    while ((image[0] >> most) % 2 == 0 && (image[1] >> most) % 2 == 0) ++most;
    throw ShapeError(join(e.what(), "; use ", most > 0 ? join("--levels ", most, " or ") : "", "--size ",
                          rows, "x", columns));
  }
}

void Config::resolve(Index train_images) {
  const auto steps_of = [&](const char* name, double e) {
    const double n = std::ceil(e * static_cast<double>(train_images) / static_cast<double>(batch));
    require(n < 1e15, name, ": ", e, " must not give 1e15 steps or more");
    return static_cast<Index>(n);
  };
  require(steps > 0 || epochs > 0, "steps: ", steps, " and epochs: ", epochs, " give no step to take");
  if (steps == 0) steps = steps_of("epochs", epochs);
  warmup_steps += steps_of("warmup_epochs", warmup_epochs);
  warmup_epochs = 0;
}

Json to_json(const Config& config) {
  Json json;
  for_each_setting(config,
                   [&](const char* name, const auto& value, const Range&) { json[name] = written(value); });
  return json;
}

Range range_of(const std::string& setting) {
  std::optional<Range> found;
  const Config any;
  for_each_setting(any, [&](const char* name, const auto&, const Range& range) {
    if (setting == name) found = range;
  });
  require(found.has_value(), "there is no setting '", setting, "'");
  return *found;
}

std::string json_text(const Config& config, int indent) {
  Json json = to_json(config);
  const EmptyAtEnd emptied(json);
  return json.dump(indent);
}

Config config_from_json(const Json& json) {
  require(json.is_object(), "config: a JSON object is needed");
  Config config;
  for (const auto& [key, value] : json.items()) set(config, key, value);
  return config;
}

Config config_from_file(const JsonObject& object) {
  Config config;
  for (const auto& [key, value] : object.values.items()) {
    try {
      set(config, key, value);
    } catch (const Error& e) {
      throw FileError(object.place(key) + e.what());
    }
  }
  return config;
}

Json read_settings(const JsonObject& object) {
  config_from_file(object);
  return object.values;
}

}  // namespace glow::app
