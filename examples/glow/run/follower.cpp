#include "run/follower.hpp"

#include "run/evaluate.hpp"
#include "run/judge.hpp"
#include "run/kept_checkpoints.hpp"
#include "run/stop_signals.hpp"
#include "run/with_average.hpp"

namespace glow::app {

namespace {

// From the start, or from a checkpoint, up to the end or the next checkpoint to go back to.
class Follower : private TrainingSetup {
 public:
  Follower(Config config, const Checkpoint* from, AnyRanks ranks)
      : TrainingSetup(std::move(config), from, std::move(ranks)),
        batches_(data_, 0, train_images_, prefetch_options(), opened_.position) {}

  // Does tasks until one ends them: Task::end or Task::go_back.
  Order operator()() {
    for (;;) {
      const Order order = next_order(ranks_);
      switch (order.task) {
        case Task::start:
          trainer_->start({}, {});
          if (order.argument != 0) trainer_->follow_rank_0();
          break;
        case Task::step:
          step();
          break;
        case Task::validate:
          validate();
          break;
        case Task::explain:
          explain(order.argument);
          break;
        case Task::go_back:
        case Task::end:
          return order;
      }
    }
  }
  const Config& config() const { return config_; }

 private:
  void step() {
    while (trainer_->under_way() >= trainer_->steps_ahead()) trainer_->wait();
    last_.push_back(batches_.next());
    // Those under way, and the one that rank 0 has yet to judge.
    if (static_cast<Index>(last_.size()) > trainer_->steps_ahead() + 1) last_.pop_front();
    trainer_->submit(last_.back().pixels, last_.back().labels);
  }

  void validate() {
    finish_steps();
    const WithAverage average(*trainer_);
    evaluate_together(ranks_, *model_, config_, data_, train_images_, validation_images(data_, train_images_),
                      [this](const std::string& failure) { skipped_.add(failure); });
  }

  void explain(Index step) {
    finish_steps();
    const Index back = trainer_->steps() - step;
    not_finite(last_.at(last_.size() - 1 - static_cast<std::size_t>(back)), step);
  }

  void finish_steps() {
    while (trainer_->under_way() > 0) trainer_->wait();
  }

  Prefetcher batches_;
  std::deque<Batch> last_;
};

}  // namespace

int follow(Config config, const std::filesystem::path& run, const Checkpoint* from, AnyRanks ranks) {
  const StopSignals heard_by_rank_0(true);
  std::optional<Checkpoint> last_good;
  for (;;) {
    Follower follower(config, last_good ? &*last_good : from, ranks);
    const Order order = follower();
    if (order.task == Task::end) return static_cast<int>(order.argument);
    last_good = last_good_checkpoint(run);
    config = follower.config();
    config.lr /= 2;
  }
}

}  // namespace glow::app
