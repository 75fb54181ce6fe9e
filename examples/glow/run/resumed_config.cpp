#include "run/resumed_config.hpp"

#include <set>

namespace glow::app {

namespace {

using Json = nlohmann::json;

// A number of epochs stands against the number of steps from before.
void update(Json& all, const Json& changes) {
  if (changes.contains("epochs") && !changes.contains("steps")) all["steps"] = 0;
  all.update(changes);
}

// What was edited in the file since.
Json edits(const Json& was, const std::filesystem::path& file) {
  Json changes = Json::object();
  if (!std::filesystem::exists(file)) return changes;
  const JsonObject written = read_json(file);
  const Json now = read_settings(written);
  for (const auto& [setting, value] : now.items()) {
    if (value == was[setting]) continue;
    require(may_change(setting), written.place(setting), setting, " is ", value.dump(),
            ", but the run was trained with ", was[setting].dump(), "; it cannot change when a run goes on");
    changes[setting] = value;
  }
  return changes;
}

}  // namespace

bool may_change(const std::string& setting) {
  static const std::set<std::string> free{"data",
                                          "steps",
                                          "epochs",
                                          "sample_every",
                                          "save_every",
                                          "validate_every",
                                          "temperature",
                                          "threads",
                                          "device",
                                          "cache_mib",
                                          "lr",
                                          "schedule",
                                          "lr_last",
                                          "lr_every",
                                          "lr_factor",
                                          "clip_norm",
                                          "clip_value",
                                          "weight_decay",
                                          "accumulate",
                                          "patience",
                                          "keep",
                                          "compression",
                                          "telemetry_every"};
  return free.count(setting) == 1;
}

Config resumed_config(const Config& was, const std::filesystem::path& run, const Json& given) {
  Json all = to_json(was);
  update(all, edits(all, run / "config.json"));
  update(all, given);
  const Config config = config_from_json(all);
  config.check_training();
  return config;
}

}  // namespace glow::app
