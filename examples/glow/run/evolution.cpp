#include "run/evolution.hpp"

#include <algorithm>

#include "image/read_picture.hpp"
#include "run/step_name.hpp"

namespace glow::app {

std::filesystem::path samples_path(const std::filesystem::path& run, Index step) {
  return run / "samples" / (step_name(step) + ".png");
}

Evolution::Evolution(const std::filesystem::path& run, Index last_step, Index channels)
    : run_(run), channels_(channels) {
  for (const auto& entry : std::filesystem::directory_iterator(run / "samples")) {
    const auto step = step_of(entry.path(), ".png");
    if (step && *step <= last_step && entry.path() == samples_path(run, *step)) steps_.push_back(*step);
  }
  std::sort(steps_.begin(), steps_.end());
}

std::vector<Index> Evolution::frames_of(const std::vector<Index>& steps) {
  const std::size_t most = static_cast<std::size_t>(most_frames);
  std::size_t stride = 1;
  while ((steps.size() + stride - 1) / stride > most - 1) stride *= 2;  // less one for the last
  std::vector<Index> frames;
  for (std::size_t i = 0; i < steps.size(); i += stride) frames.push_back(steps[i]);
  if (!steps.empty() && frames.back() != steps.back()) frames.push_back(steps.back());
  return frames;
}

void Evolution::write() const {
  const auto frames = frames_of(steps_);
  const auto read = [&](Index step) { return read_picture(samples_path(run_, step), channels_); };
  Picture last;
  for (auto step = frames.rbegin(); step != frames.rend() && last.height == 0; ++step) last = read(*step);
  if (last.height == 0) return;
  write_gif(
      run_ / "evolution.gif", static_cast<Index>(frames.size()),
      [&](Index i) {
        Picture frame = read(frames[static_cast<std::size_t>(i)]);
        return frame.height == last.height && frame.width == last.width ? frame : Picture{};
      },
      20);
}

}  // namespace glow::app
