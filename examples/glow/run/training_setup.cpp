#include "run/training_setup.hpp"

#include <glow/runtime/open.hpp>
#include <glow/version.hpp>

#include "data/hash.hpp"
#include "ranks/agreement.hpp"
#include "ranks/choose_gpu.hpp"
#include "ranks/gpu_ranks.hpp"
#include "ranks/threads.hpp"
#include "run/first_names.hpp"
#include "run/require_memory.hpp"

namespace glow::app {

TrainingSetup::TrainingSetup(Config config, const Checkpoint* from, AnyRanks ranks)
    : ranks_(std::move(ranks)),
      config_(std::move(config)),
      opened_(open_training_data(config_, from)),
      data_(*opened_.images),
      train_images_(opened_.train) {
  config_.resolve(train_images_);
  config_.class_names = {data_.classes().begin(), data_.classes().end()};
  config_.size = std::to_string(data_.shape()[0]) + "x" + std::to_string(data_.shape()[1]);
  config_.check_levels(data_.shape());
  config_.shuffle_window(data_);  // what is refused is refused before there is a folder
  require(config_.batch % ranks_.size() == 0, "batch: ", config_.batch,
          " images cannot be shared evenly by the ", ranks_.size(), " ranks");
  // All ranks ask, whether or not they were told.
  const int threads = ranks_.size() > 1 ? threads_of_rank(ranks_) : 0;
  if (config_.threads > 0 || threads > 0) set_threads(config_.threads > 0 ? config_.threads : threads);
  choose_gpu(ranks_);
  config_.device = resolve_device(config_.device);
  if (ranks_.size() > 1) check_agreement();
  Config of_rank = config_;
  of_rank.batch /= ranks_.size();
  require_training_memory(of_rank, data_.shape(), config_.device);
  model_ = make_model(description_of(config_, data_.shape()), config_.device,
                      from == nullptr ? std::optional(config_.seed) : std::nullopt);
  trainer_ = model_->trainer(config_.train_options(), config_.device == "cuda" ? with_gpus(ranks_) : ranks_);
  if (from != nullptr) trainer_->set_state(from->state);
}

// The name of the data may be another one on each machine, and so may the number of threads be.
void TrainingSetup::check_agreement() const {
  nlohmann::json mine = to_json(config_);
  mine.erase("data");
  mine.erase("threads");
  mine["version"] = version;
  mine["images"] = data_.size();
  mine["images to train on"] = train_images_;
  mine["data"] = opened_.record ? hash_text(opened_.record->hash()) : "";
  AnyRanks ranks = ranks_;
  app::check_agreement(ranks, mine);
}

PrefetchOptions TrainingSetup::prefetch_options() {
  PrefetchOptions options;
  options.batch = config_.batch;
  options.share = config_.batch / ranks_.size();
  options.first = options.share * ranks_.rank();
  options.window = config_.shuffle_window(data_);
  options.seed = config_.seed;
  options.flip = config_.flip;
  options.strict = config_.strict;
  options.threads = config_.threads > 0 ? config_.threads
                                        : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.on_skip = [this](const std::string& failure) { skipped_.add(failure); };
  return options;
}

std::string TrainingSetup::not_finite(const Batch& batch, Index step) {
  const auto place = trainer_->not_finite_in_step(batch.pixels, batch.labels, step);
  const std::string names =
      first_names(batch.images.size(), [&](std::size_t i) { return data_.name(batch.images[i]); });
  for (const std::string& text : gather(ranks_, place ? join(*place, ", for ", names) : "")) {
    if (!text.empty()) return text;
  }
  return join("only the gradient's norm is too large, for ", names);
}

}  // namespace glow::app
