// The options that set a configuration, for the commands that take them.
#pragma once

#include <functional>
#include <memory>

#include <CLI/CLI.hpp>

#include "run/config.hpp"

namespace glow::app {

/// What was given on the command line.
struct GivenSettings {
  std::string preset;
  std::string config_file;
  nlohmann::json values = nlohmann::json::object();  ///< by the names of the JSON form

  /// Defaults, then the preset, then the file, then the single options. With no preset and no file, the
  /// digits have theirs. Throws UsageError for a preset that leaves the data open, if none are given and they
  /// are needed, and Error for what no run can have.
  Config merge(bool with_data = true) const;
};

/// Adds --device, which is handed to `set` if it is given.
CLI::Option* add_device(CLI::App& command, const std::function<void(const std::string&)>& set);

/// Adds --preset, --config and an option for every setting.
std::shared_ptr<GivenSettings> add_settings(CLI::App& command);

}  // namespace glow::app
