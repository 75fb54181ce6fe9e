// The configuration with which a run goes on.
#pragma once

#include <filesystem>

#include "run/config.hpp"

namespace glow::app {

/// True for a setting that may change when a run goes on; any other would make it another run.
bool may_change(const std::string& setting);

/// That of the run's checkpoint, `was`, with what has been edited in its config.json since, and over that
/// what is `given`, by the names of the JSON form. Throws Error for a config.json in which a setting is
/// unknown or may not change, naming it with both values.
Config resumed_config(const Config& was, const std::filesystem::path& run, const nlohmann::json& given);

}  // namespace glow::app
