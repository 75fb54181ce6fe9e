#include "run/kept_checkpoints.hpp"

namespace glow::app {

std::filesystem::path best_checkpoint_path(const std::filesystem::path& run) {
  return run / "checkpoints" / "best.safetensors";
}

void remove_old_checkpoints(const std::filesystem::path& run, Index keep) {
  if (keep == 0) return;
  const auto files = checkpoints_newest_first(run);
  for (std::size_t i = static_cast<std::size_t>(keep); i < files.size(); ++i) {
    std::error_code cannot;
    std::filesystem::remove(files[i], cannot);
  }
}

std::optional<Checkpoint> last_good_checkpoint(const std::filesystem::path& run) {
  for (const auto& file : checkpoints_newest_first(run)) {
    Checkpoint c = open_checkpoint(file);
    if (c.state.bad_steps == 0) return c;
  }
  return std::nullopt;
}

}  // namespace glow::app
