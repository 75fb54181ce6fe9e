// evolution.gif: how the grids of samples came about in training.
#pragma once

#include <filesystem>
#include <vector>

#include <glow/core/shape.hpp>

namespace glow::app {

/// The film of a run's grids of samples. It has at most `most_frames` of them, evenly spaced, and the last,
/// so that neither the time to write it nor its size grow with the run.
class Evolution {
 public:
  static constexpr Index most_frames = 64;

  /// Of the grids of the run up to `last_step` that lie in its folder already, of images with `channels`.
  Evolution(const std::filesystem::path& run, Index last_step, Index channels);

  /// Adds the grid of a step, which is in the folder; steps must grow.
  void add(Index step) { steps_.push_back(step); }

  /// Writes the film anew. Pictures of another size than the last one and files that cannot be decoded are
  /// left out; without any picture there is no film. Throws FileError if it cannot be written.
  void write() const;

  /// The steps among `steps`, in order, whose grids make the film: every 2^k-th, with the smallest k for
  /// which they are at most `most_frames`, the last one included.
  static std::vector<Index> frames_of(const std::vector<Index>& steps);

 private:
  std::filesystem::path run_;
  Index channels_;
  std::vector<Index> steps_;
};

/// The grid of samples of a step in a run folder.
std::filesystem::path samples_path(const std::filesystem::path& run, Index step);

}  // namespace glow::app
