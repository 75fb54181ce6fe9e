// What every rank of a training has: its settings, data and trainer.
#pragma once

#include <memory>

#include <glow/data/prefetcher.hpp>
#include <glow/runtime/any_trainer.hpp>

#include "run/skipped_images.hpp"
#include "run/training_data.hpp"

namespace glow::app {

/// The part of a run of training that does not depend on the rank.
class TrainingSetup {
 protected:
  /// Opens the data and makes the model with its trainer, of a new run or of one that goes on. Throws what
  /// these throw, Error for a batch that the ranks cannot share evenly, and RankError where ranks have other
  /// settings or data than rank 0, naming them.
  TrainingSetup(Config config, const Checkpoint* from, AnyRanks ranks);

  /// Of batches, of which this rank loads its share.
  PrefetchOptions prefetch_options();
  /// Why a step's numbers are not finite, for the first rank that finds it in its share `batch`; asked of all
  /// ranks.
  std::string not_finite(const Batch& batch, Index step);

  AnyRanks ranks_;
  Config config_;
  TrainingData opened_;
  const Dataset& data_;
  Index train_images_;
  std::unique_ptr<AnyModel> model_;
  std::unique_ptr<AnyTrainer> trainer_;  // of the model
  SkippedImages skipped_;

 private:
  void check_agreement() const;
};

}  // namespace glow::app
