// Names of the files of a run that belong to a step: checkpoints and grids of samples.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <glow/core/shape.hpp>

namespace glow::app {

/// "step_00000012": the step in eight digits or more.
std::string step_name(Index step);

/// The step of a file "step_00000012.png" with `extension` ".png"; none for a file with any other name.
std::optional<Index> step_of(const std::filesystem::path& file, const std::string& extension);

}  // namespace glow::app
