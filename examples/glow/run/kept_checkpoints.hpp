// Which checkpoints of a run stay.
#pragma once

#include <filesystem>
#include <optional>

#include "run/checkpoint.hpp"

namespace glow::app {

/// Where the checkpoint of the best validation lies in a run folder.
std::filesystem::path best_checkpoint_path(const std::filesystem::path& run);

/// Removes all checkpoints of steps from a run folder but the newest `keep`; all stay for 0. What cannot be
/// removed stays, too.
void remove_old_checkpoints(const std::filesystem::path& run, Index keep);

/// The newest checkpoint of a step whose loss and gradient were finite; none if there is none.
std::optional<Checkpoint> last_good_checkpoint(const std::filesystem::path& run);

}  // namespace glow::app
