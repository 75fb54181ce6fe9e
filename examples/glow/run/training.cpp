#include "run/training.hpp"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <deque>
#include <mutex>
#include <set>

#include <glow/data/prefetcher.hpp>

#include "image/caption.hpp"
#include "image/read_picture.hpp"
#include "run/evaluate.hpp"
#include "run/evolution.hpp"
#include "run/pictures.hpp"
#include "run/require_memory.hpp"
#include "run/stop_signals.hpp"
#include "run/stoppable_dataset.hpp"
#include "run/training_data.hpp"

namespace glow::app {

namespace {

constexpr Index most_validation_images = 1024;  // while training; glow evaluate takes all

using Clock = std::chrono::steady_clock;

class Run {
 public:
  // `folder` is given for a run that goes on from `from`, and made for a new one.
  Run(Config config, const std::filesystem::path& path, std::optional<RunFolder> folder,
      const Checkpoint* from, Voice voice)
      : config_(std::move(config)),
        opened_(open_training_data(config_, from)),
        data_(*opened_.images),
        train_images_(opened_.train),
        position_(opened_.position) {
    config_.resolve(train_images_);
    config_.class_names = {data_.classes().begin(), data_.classes().end()};
    config_.size = std::to_string(data_.shape()[0]) + "x" + std::to_string(data_.shape()[1]);
    config_.check_levels(data_.shape());
    if (config_.threads > 0) set_threads(config_.threads);
    config_.device = resolve_device(config_.device);
    require_training_memory(config_, data_.shape(), config_.device);
    engine_ =
        make_engine(config_.device, config_.architecture(), data_.shape(), Pixels{config_.bits},
                    config_.train_options(), from == nullptr ? std::optional(config_.seed) : std::nullopt);
    if (from != nullptr) {
      engine_->set_state(from->state);
      bad_steps_ = from->state.bad_steps;
    }
    signals_.emplace(voice == Voice::quiet);
    folder_.emplace(folder ? std::move(*folder) : RunFolder::make(path));
    make_folder(folder_->path() / "samples");
    make_folder(folder_->path() / "checkpoints");
    reporter_ = std::make_unique<Reporter>(folder_->path() / "metrics.jsonl", steps(), config_.steps, voice);
    if (from != nullptr && !from->unwritten_metrics.empty())
      reporter_->restore(steps(), from->unwritten_metrics);
    evolution_.emplace(folder_->path(), steps(), data_.shape()[2]);
    if (from != nullptr) {
      saved_ = steps();
      note_what_is_done();
      require(from->state.steps < config_.steps || !judged(true), "--resume: ", steps(),
              " steps are done, and ", config_.steps, " are asked for; give more with --steps");
    }
    write_file_atomically(folder_->path() / "config.json", json_text(config_, 2) + "\n");
    if (opened_.record)
      write_file_atomically(folder_->path() / "data.json", opened_.described.dump(2) + "\n");
  }

  int operator()() {
    if (!opened_.warning.empty()) warn("the data '", config_.data, "' ", opened_.warning);
    reporter_->say(join("training on ", train_images_, " images ", data_.shape(), " of ", config_.data,
                        opened_.same ? " (the same as before), " : ", ", engine_->parameter_count(),
                        " parameters, on ", engine_->device(), ", into ", folder_->path().string()));
    try {
      train();
      finish();
    } catch (const std::bad_alloc&) {
      end_with("there is not enough memory for this");
    } catch (const std::exception& e) {
      end_with(e.what());
    }
    return status();
  }

 private:
  static bool due(Index step, Index every) { return every > 0 && step % every == 0; }
  static bool stopping() { return StopSignals::count() > 0; }

  Index steps() const { return engine_->steps(); }
  std::filesystem::path checkpoint() const { return checkpoint_path(folder_->path(), steps()); }

  void train() {
    Prefetcher batches(data_, 0, train_images_, prefetch_options(), position_);
    if (steps() > 0) judge_if_due([] { return stopping(); });  // if the run was ended after it had saved
    for (;;) {
      step_begin_ = Clock::now();
      while (!stopping_after_a_step() && may_submit()) submit(batches.next());
      if (engine_->under_way() == 0) return;
      take_result();
      constexpr Index bad_steps_limit = 5;
      require<NumericError>(bad_steps_ < bad_steps_limit, "training: loss and gradient were not finite for ",
                            bad_steps_, " steps in a row, up to step ", steps(),
                            "; a lower learning rate or a longer warm-up may help");
      if (steps() == config_.steps || stopping()) continue;  // finish() saves first
      if (due(steps(), config_.save_every)) save();
      judge_if_due([] { return stopping(); });
    }
  }

  // A run that was asked to stop before its first step takes that step, to have something to save.
  bool stopping_after_a_step() const { return stopping() && steps() + engine_->under_way() > 0; }

  // True if the next step may begin while others are under way: none of them is one after which the model is
  // looked at or saved.
  bool may_submit() const {
    const Index begun = steps() + engine_->under_way();
    if (begun >= config_.steps || engine_->under_way() >= engine_->steps_ahead()) return false;
    return engine_->under_way() == 0 || !(due(begun, config_.validate_every) ||
                                          due(begun, config_.sample_every) || due(begun, config_.save_every));
  }

  void submit(const Batch& batch) {
    if (steps() + engine_->under_way() == 0) {
      start(batch);
      draw_samples();
    }
    engine_->submit(batch.pixels, batch.labels);
    positions_.push_back(batch.position);
  }

  // Waits for the oldest step, whose line is in the metrics when this returns.
  void take_result() {
    const StepResult result = engine_->wait();
    position_ = positions_.front();
    positions_.pop_front();
    bad_steps_ = result.taken ? 0 : bad_steps_ + 1;
    folder_->keep();
    const auto now = Clock::now();
    const auto seconds = [&](Clock::time_point since) {
      return std::chrono::duration<double>(now - since).count();
    };
    const Metrics metrics{.step = result,
                          .epoch = epochs(),
                          .images_per_second = static_cast<double>(config_.batch) / seconds(step_begin_),
                          .seconds = seconds(begin_),
                          .accuracy = config_.classes ? std::optional(result.accuracy) : std::nullopt,
                          .validation_bits_per_dim = {}};
    reporter_->step(metrics, validation_due());
  }

  // Saves a run that is done or asked to stop, and then judges it, unless a further signal asks to skip that.
  void finish() {
    const int before = StopSignals::count();
    if (saved_ != steps()) save();
    const bool broken_off = steps() < config_.steps;
    reporter_->say(join(broken_off ? "interrupted; saved " : "saved ", checkpoint().string(),
                        broken_off ? go_on() : ""));
    judge(true, true, [before] { return StopSignals::count() > before; });
    write_evolution();
    if (const std::size_t n = skipped(); n > 0)
      reporter_->say(join(n, " images could not be decoded and were skipped"));
  }

  // Ends a run that failed: saves it, unless that is what failed, and throws what happened.
  [[noreturn]] void end_with(std::string text) {
    try {
      while (engine_->under_way() > 0) take_result();
      reporter_->validated({});
      if (steps() > 0 && saved_ != steps() && !saving_) save();
    } catch (const std::exception& e) {
      if (text != e.what()) text += join("; then: ", e.what());
    }
    if (saved_ >= 0)
      text += join("; the last checkpoint is ", checkpoint_path(folder_->path(), saved_).string(), go_on());
    throw Error(text);
  }

  std::string go_on() const { return join("; go on with: glow train --resume ", folder_->path().string()); }

  int status() const {
    if (StopSignals::first() != 0) return 128 + StopSignals::first();
    const int error = reporter_->output_error();
    // A reader that goes away has seen what it wanted.
    require<FileError>(error == 0 || error == EPIPE,
                       "cannot write to standard output: ", std::strerror(error), "; the run is whole in ",
                       folder_->path().string());
    return finite_ ? 0 : 1;
  }

  // The data-dependent start takes the run's first images: the first batch or, where that is too small, as
  // many as the model asks for and the data have.
  void start(const Batch& first) {
    PrefetchOptions options = prefetch_options();
    options.batch = std::min(engine_->start_images(), train_images_);
    options.ahead = 1;
    if (options.batch <= config_.batch) return engine_->start(first.pixels, first.labels);
    const Batch more = Prefetcher(data_, 0, train_images_, options, Position{}).next();
    engine_->start(more.pixels, more.labels);
  }

  PrefetchOptions prefetch_options() {
    PrefetchOptions options;
    options.batch = config_.batch;
    options.seed = config_.seed;
    options.flip = config_.flip;
    options.strict = config_.strict;
    options.threads = config_.threads > 0
                          ? config_.threads
                          : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    options.on_skip = [this](const std::string& failure) { skip(failure); };
    return options;
  }

  // Names an image once, however often it is met, and on whichever thread.
  void skip(const std::string& failure) {
    const std::lock_guard<std::mutex> lock(skipped_mutex_);
    if (skipped_.insert(failure).second) warn(failure, "; skipped");
  }
  std::size_t skipped() {
    const std::lock_guard<std::mutex> lock(skipped_mutex_);
    return skipped_.size();
  }

  double epochs() const {
    return static_cast<double>(position_.epoch) +
           static_cast<double>(position_.offset) / static_cast<double>(train_images_);
  }

  bool validation_due() const {
    return due(steps(), config_.validate_every) || steps() == config_.steps || stopping();
  }

  void note_what_is_done() {
    if (reporter_->has_validation(steps())) validated_ = steps();
    if (std::filesystem::exists(samples_path(folder_->path(), steps()))) drawn_ = steps();
  }
  // True if the model of this step has been judged as far as that is due.
  bool judged(bool last) const {
    return (validated_ == steps() || !(last || due(steps(), config_.validate_every))) &&
           (drawn_ == steps() || !(last || due(steps(), config_.sample_every)));
  }

  template <class Stop>
  void judge_if_due(const Stop& stop) {
    judge(due(steps(), config_.validate_every), due(steps(), config_.sample_every), stop);
    if (saved_ == steps() && !stop()) write_evolution();
  }

  // Validates the model of this step and draws its samples, if that was not done, until `stop()`.
  template <class Stop>
  void judge(bool validation, bool samples, const Stop& stop) {
    if (validation && validated_ != steps() && !stop()) {
      const auto bits_per_dim = validate(stop);
      reporter_->validated(bits_per_dim);
      if (bits_per_dim) validated_ = steps();
    }
    if (samples && drawn_ != steps() && !stop()) draw_samples();
  }

  // Bits per dimension, which may be NaN; none if it was stopped.
  template <class Stop>
  std::optional<double> validate(const Stop& stop) {
    const Index count = std::min(data_.size() - train_images_, most_validation_images);
    const auto on_skip = [this](const std::string& failure) {
      require<FileError>(!config_.strict, failure);
      skip(failure);
    };
    try {
      const StoppableDataset images(data_, stop);
      return evaluate(*engine_, config_, images, train_images_, count, on_skip).bits_per_dim;
    } catch (const StoppableDataset::Stopped&) {
      return std::nullopt;
    } catch (const NumericError& e) {
      judge_not_finite(join("validation: ", e.what()));
      return std::nan("");
    }
  }

  // The same latents each time, so that the pictures show how the model changes.
  void draw_samples() {
    const Index columns = pictured_columns(data_.shape()),
                rows = pictured_rows(data_.shape(), static_cast<Index>(config_.class_names.size()));
    const auto temperature = static_cast<float>(config_.temperature);
    const Random random{config_.seed, 4};
    drawn_ = steps();
    try {
      Picture grid = config_.classes
                         ? class_grid(*engine_, columns, random, temperature,
                                      std::span(config_.class_names).first(static_cast<std::size_t>(rows)))
                         : sample_grid(*engine_, columns * rows, random, temperature, columns);
      add_caption(grid, join("step ", steps(), ", temperature ", config_.temperature));
      write_png(samples_path(folder_->path(), steps()), grid);
    } catch (const NumericError& e) {
      return judge_not_finite(join(e.what(), "; no picture of them is drawn"));
    }
    evolution_->add(steps());
    film_is_old_ = true;
  }

  // Says what of this step's model is not finite; for the last step's, the exit status tells.
  void judge_not_finite(const std::string& what) {
    reporter_->fault(join("step ", steps(), ": ", what));
    finite_ = finite_ && steps() < config_.steps;
  }

  void save() {
    saving_ = true;
    reporter_->sync();
    save_checkpoint(checkpoint(), engine_->state(), position_, config_, data_.shape(), opened_.record,
                    reporter_->unwritten());
    saved_ = steps();
    saving_ = false;
  }

  void write_evolution() {
    if (film_is_old_) evolution_->write();
    film_is_old_ = false;
  }

  Config config_;
  TrainingData opened_;
  const Dataset& data_;
  Index train_images_;
  Position position_;
  std::deque<Position> positions_;  // after each step under way
  std::unique_ptr<Engine> engine_;
  std::optional<StopSignals> signals_;
  std::optional<RunFolder> folder_;
  std::unique_ptr<Reporter> reporter_;
  std::optional<Evolution> evolution_;
  Index saved_ = -1, validated_ = -1, drawn_ = -1;  // the last step of which this was done
  Index bad_steps_ = 0;                             // in a row
  bool film_is_old_ = false, saving_ = false;
  bool finite_ = true;  // the likelihood and samples of the last step
  Clock::time_point begin_ = Clock::now(), step_begin_ = begin_;
  std::mutex skipped_mutex_;
  std::set<std::string> skipped_;
};

}  // namespace

int train(Config config, const std::filesystem::path& run, Voice voice) {
  return Run(std::move(config), run, std::nullopt, nullptr, voice)();
}

int resume(Config config, RunFolder run, const Checkpoint& from, Voice voice) {
  const auto path = run.path();
  return Run(std::move(config), path, std::move(run), &from, voice)();
}

}  // namespace glow::app
