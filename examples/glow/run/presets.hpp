// Settings of whole runs that have a name.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace glow::app {

/// The settings of a preset: "digits", "fashion-mnist" or "reference-celeba64"; throws Error for another
/// name.
nlohmann::json preset(const std::string& name);

}  // namespace glow::app
