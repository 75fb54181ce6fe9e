#include "run/kept_checkpoints.hpp"

#include <algorithm>
#include <vector>

#include "run/step_name.hpp"

namespace glow::app {

namespace {

// The checkpoints of steps.
std::vector<std::filesystem::path> newest_first(const std::filesystem::path& run) {
  std::vector<std::pair<Index, std::filesystem::path>> found;
  for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints")) {
    if (const auto step = step_of(entry.path(), ".safetensors")) found.emplace_back(*step, entry.path());
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::filesystem::path> files;
  for (auto& [step, file] : found) files.push_back(std::move(file));
  return files;
}

}  // namespace

std::filesystem::path best_checkpoint_path(const std::filesystem::path& run) {
  return run / "checkpoints" / "best.safetensors";
}

void remove_old_checkpoints(const std::filesystem::path& run, Index keep) {
  if (keep == 0) return;
  const auto files = newest_first(run);
  for (std::size_t i = static_cast<std::size_t>(keep); i < files.size(); ++i) {
    std::error_code cannot;
    std::filesystem::remove(files[i], cannot);
  }
}

std::optional<Checkpoint> last_good_checkpoint(const std::filesystem::path& run) {
  for (const auto& file : newest_first(run)) {
    Checkpoint c = open_checkpoint(file);
    if (c.state.bad_steps == 0) return c;
  }
  return std::nullopt;
}

}  // namespace glow::app
