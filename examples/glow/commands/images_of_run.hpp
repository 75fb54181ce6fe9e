// Images for a command that works on those of a run.
#pragma once

#include <CLI/CLI.hpp>

#include "run/checkpoint.hpp"

namespace glow::app {

/// Which images a command is asked to take.
struct WantedImages {
  std::string data;               ///< other data than the run's, or ""
  std::string split;              ///< "train", "val", "all", or "" for the default
  std::string own_split = "val";  ///< the default of the run's own data; of other data it is "all"
};

/// Adds --data and --split.
void add_images(CLI::App& command, WantedImages& wanted);

/// Images first ... first + count - 1 of a dataset that fits a run's model.
struct ImagesOfRun {
  std::unique_ptr<Dataset> data;
  std::string place;     ///< where they were found
  std::string split;     ///< "train", "val" or "all"
  std::string standing;  ///< of all of the data to the run's: "same", "grown", "different" or "unknown"
  Index first = 0, count = 0;
  Index trained_on = 0;  ///< of these images, as far as is known

  /// "digits, the data of training", for a line of output.
  std::string source() const;
};

/// Opens the images that are wanted. Data given by hand are taken whole unless a split is asked for, the
/// run's own data by their validation split. Says on stderr if the data are not those that the run was
/// trained on, or if images were trained on that are not asked for as such. Throws Error for another split
/// and for one without images, and what open_dataset_for does; for a model with classes, which its images
/// then have, what with_classes does.
ImagesOfRun images_of(const Checkpoint& run, const WantedImages& wanted);

/// Images as a model takes them.
struct ModelImages {
  Tensor<float> x;            ///< [n, H, W, C], each number in the middle of its bin
  std::vector<Index> labels;  ///< [n] of their classes; empty for a model without classes
};

/// The first `most` of the images that can be decoded. Throws FileError if there is none.
ModelImages first_images(const Checkpoint& run, const ImagesOfRun& images, Index most);

}  // namespace glow::app
