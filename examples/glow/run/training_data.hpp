// The data of a run of training.
#pragma once

#include <memory>

#include "run/checkpoint.hpp"

namespace glow::app {

/// Images to train and to validate on.
struct TrainingData {
  std::unique_ptr<Dataset> images;
  Index train = 0;                   ///< the first ones, which are trained on; the others are for validation
  Position position;                 ///< where the run goes on
  std::optional<DataRecord> record;  ///< none for a run from before there were records
  nlohmann::json described;          ///< the record for people, see `described`; null without one
  bool same = false;                 ///< the run goes on with the data that it had
  std::string warning;  ///< how the data changed since the run began, and validation images that are or were
                        ///< trained on; "" if there is nothing to say
};

/// Opens the data of a new run, or of one that goes on from a checkpoint. These are looked for at the place
/// in its record, unless `config` has other data than the checkpoint; each image stays on the side, of
/// training or of validation, that it was on. Throws what open_dataset does, ShapeError for images of another
/// shape than the checkpoint's, and Error if no image is left to train or to validate on.
TrainingData open_training_data(const Config& config, const Checkpoint* from);

/// Where the data of a run are: at the place in its record, or, if they are not there any more, as they were
/// given. Throws FileError, with that place, if they are at neither.
std::string place_of_data(const Checkpoint& run);

}  // namespace glow::app
