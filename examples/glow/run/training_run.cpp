#include "run/training_run.hpp"

#include <cerrno>
#include <cmath>
#include <cstring>

#include "image/read_picture.hpp"
#include "run/kept_checkpoints.hpp"
#include "run/require_memory.hpp"
#include "run/utf8.hpp"

namespace glow::app {

TrainingRun::TrainingRun(Config config, const std::filesystem::path& path, std::optional<RunFolder> folder,
                         const Checkpoint* from, Voice voice, Index trace, const AnyRanks& ranks)
    : TrainingSetup(std::move(config), from, ranks),
      position_(opened_.position),
      trace_(trace, path / "trace.json") {
  if (from != nullptr) {
    bad_steps_ = from->state.bad_steps;
  } else if (!config_.init_from.empty()) {
    initial_.emplace(initial_weights(from_utf8(config_.init_from), trainer_->state()));
  }
  signals_.emplace(voice == Voice::quiet);
  folder_.emplace(folder ? std::move(*folder) : RunFolder::make(path));
  make_folder(folder_->path() / "samples");
  make_folder(folder_->path() / "checkpoints");
  reporter_ = std::make_unique<Reporter>(folder_->path() / "metrics.jsonl", steps(), config_.steps, voice);
  if (from != nullptr && !from->unwritten_metrics.empty())
    reporter_->restore(steps(), from->unwritten_metrics);
  judge_.emplace(ranks_, *trainer_, config_, data_, train_images_, folder_->path(), *reporter_,
                 [this](const std::string& failure) { skipped_.add(failure); });
  telemetry_.emplace(*trainer_, config_, data_, train_images_, folder_->path());
  if (from != nullptr) {
    saved_ = steps();
    judge_->note_what_is_done(from->best);
    require(from->state.steps < config_.steps || !judge_->judged(true), "--resume: ", steps(),
            " steps are done, and ", config_.steps, " are asked for; give more with --steps");
  }
  write_file_atomically(folder_->path() / "config.json", json_text(config_, 2) + "\n");
  if (opened_.record) write_file_atomically(folder_->path() / "data.json", opened_.described.dump(2) + "\n");
}

int TrainingRun::operator()(bool may_go_back) {
  if (!opened_.warning.empty()) warn("the data '", config_.data, "' ", opened_.warning);
  if (initial_) reporter_->say(initial_->text(config_.init_from));
  reporter_->say(join("training on ", train_images_, " images ", data_.shape(), " of ", config_.data,
                      opened_.same ? " (the same as before), " : ", ", model_->parameter_count(),
                      " parameters, on ", model_->device_name(), ", into ", folder_->path().string(),
                      ranks_.size() > 1 ? join(", with ", ranks_.size(), " ranks") : ""));
  try {
    train();
    finish();
  } catch (const Diverged& e) {
    last_good_ = last_good_checkpoint(folder_->path());
    if (!may_go_back || !last_good_) end_with(e.what());
    reporter_->fault(e.what());
    throw;
  } catch (const std::bad_alloc&) {
    end_with("there is not enough memory for this");
  } catch (const std::exception& e) {
    end_with(e.what());
  }
  return status();
}

TrainingRun::Return TrainingRun::go_back() {
  while (trainer_->under_way() > 0) take_result();
  all(Task::go_back);
  config_.lr /= 2;
  reporter_->fault(
      join("going back to step ", last_good_->state.steps, ", with half the rate: ", config_.lr));
  return {std::move(config_), std::move(*folder_), std::move(*last_good_)};
}

void TrainingRun::train() {
  Prefetcher batches(data_, 0, train_images_, prefetch_options(), position_);
  if (steps() > 0) judge_if_due();  // if the run was ended after it had saved
  while (!out_of_patience()) {
    step_begin_ = Clock::now();
    const double waited = batches.waited();
    while (!stopping_after_a_step() && may_submit()) submit(next(batches));
    waited_ = batches.waited() - waited;
    if (trainer_->under_way() == 0) return;
    take_result();
    constexpr Index bad_steps_limit = 5;
    require<Diverged>(bad_steps_ < bad_steps_limit, "training: loss and gradient were not finite for ",
                      bad_steps_, " steps in a row, up to step ", steps(),
                      "; a lower learning rate or a longer warm-up may help");
    telemetry_->take_if_due();  // before this step is saved, so that a run that goes on has it
    if (steps() == config_.steps || stopping()) continue;  // finish() saves first
    if (due(steps(), config_.save_every)) save();
    judge_if_due();
  }
  reporter_->say(join("no validation was better than that of step ", judge_->best().step, " for ",
                      judge_->best().since, " times: training ends"));
}

bool TrainingRun::out_of_patience() const {
  return config_.patience > 0 && judge_->best().since >= config_.patience && trainer_->under_way() == 0;
}

// True if the next step may begin while others are under way: none of them is one after which the model is
// looked at or saved.
bool TrainingRun::may_submit() const {
  const Index begun = steps() + trainer_->under_way();
  if (bad_step_.waits()) return false;
  if (begun >= config_.steps || trainer_->under_way() >= trainer_->steps_ahead()) return false;
  return trainer_->under_way() == 0 ||
         !(due(begun, config_.validate_every) || due(begun, config_.sample_every) ||
           due(begun, config_.save_every) || telemetry_->due(begun) || trace_.records_next());
}

Batch TrainingRun::next(Prefetcher& batches) {
  Batch batch;
  timed(trace_.timeline(), "waiting for data", "data", [&] { batch = batches.next(); });
  return batch;
}

void TrainingRun::submit(Batch batch) {
  if (steps() + trainer_->under_way() == 0) {
    start(batch);
    judge_->draw_samples();
  }
  all(Task::step);
  if (Timeline* const timeline = trace_.timeline()) {
    trainer_->submit_recorded(*timeline, batch.pixels, batch.labels);
  } else {
    trainer_->submit(batch.pixels, batch.labels);
  }
  batches_.push_back(std::move(batch));
  if (trace_.step_submitted()) reporter_->say(join("wrote ", trace_.file().string()));
}

// Waits for the oldest step, whose line is in the metrics when this returns.
void TrainingRun::take_result() {
  const StepResult result = trainer_->wait();
  Batch batch = std::move(batches_.front());
  batches_.pop_front();
  position_ = batch.position;
  bad_steps_ = result.taken ? 0 : bad_steps_ + 1;
  folder_->keep();
  if (!result.taken && !told_) bad_step_.note(steps(), std::move(batch));
  told_ = !result.taken;
  if (bad_step_.waits() && trainer_->under_way() == 0) {
    bad_step_.tell([this](const Batch& batch_of_step, Index step) {
      all(Task::explain, step);
      return not_finite(batch_of_step, step);
    });
  }
  const auto now = Clock::now();
  const auto seconds = [&](Clock::time_point since) {
    return std::chrono::duration<double>(now - since).count();
  };
  const Metrics metrics{.step = result,
                        .epoch = epochs(),
                        .images_per_second = static_cast<double>(config_.batch) / seconds(step_begin_),
                        .seconds = seconds(begin_),
                        .waited = waited_,
                        .accuracy = config_.classes ? std::optional(result.accuracy) : std::nullopt,
                        .validation_bits_per_dim = {}};
  reporter_->step(metrics, judge_->validation_due() || steps() == config_.steps || stopping());
}

// Saves a run that is done or asked to stop, and then judges it, unless a further signal asks to skip that.
void TrainingRun::finish() {
  const int before = StopSignals::count();
  trace_.finish();
  if (saved_ != steps()) save();
  const bool broken_off = steps() < config_.steps && !out_of_patience();
  reporter_->say(
      join(broken_off ? "interrupted; saved " : "saved ", checkpoint().string(), broken_off ? go_on() : ""));
  note(judge_->judge(true, true, [before] { return StopSignals::count() > before; }));
  judge_->write_film();
  if (const std::size_t n = skipped_.count(); n > 0)
    reporter_->say(join(n, " images could not be decoded and were skipped"));
}

// Ends a run that failed: saves it, unless that is what failed, and throws what happened.
void TrainingRun::end_with(std::string text) {
  try {
    while (trainer_->under_way() > 0) take_result();
    reporter_->validated({});
    if (steps() > 0 && saved_ != steps() && !saving_) save();
  } catch (const std::exception& e) {
    if (text != e.what()) text += join("; then: ", e.what());
  }
  if (saved_ >= 0)
    text += join("; the last checkpoint is ", checkpoint_path(folder_->path(), saved_).string(), go_on());
  throw Error(text);
}

std::string TrainingRun::go_on() const {
  return join("; go on with: glow train --resume ", folder_->path().string());
}

int TrainingRun::status() const {
  if (StopSignals::first() != 0) return 128 + StopSignals::first();
  const int error = reporter_->output_error();
  // A reader that goes away has seen what it wanted.
  require<FileError>(error == 0 || error == EPIPE, "cannot write to standard output: ", std::strerror(error),
                     "; the run is whole in ", folder_->path().string());
  return judge_->finite() ? 0 : 1;
}

// The data-dependent start takes the run's first images: the first batch or, where that is too small, as
// many as the model asks for and the data have.
void TrainingRun::start(const Batch& first) {
  all(Task::start, initial_.has_value());
  PrefetchOptions options = prefetch_options();
  options.batch = std::max(config_.batch, std::min(trainer_->start_images(), train_images_));
  options.share = 0;
  options.ahead = 1;
  if (options.batch == static_cast<Index>(first.images.size())) {
    trainer_->start(first.pixels, first.labels);
  } else {
    const Batch more = Prefetcher(data_, 0, train_images_, options, Position{}).next();
    trainer_->start(more.pixels, more.labels);
  }
  if (initial_) {
    // What is fresh has started from the data; the rest is as it was trained.
    TrainingState state = trainer_->state();
    put(*initial_, state);
    trainer_->set_state(state);
    trainer_->follow_rank_0();
  }
}

double TrainingRun::epochs() const {
  return static_cast<double>(position_.epoch) +
         static_cast<double>(position_.offset) / static_cast<double>(train_images_);
}

void TrainingRun::judge_if_due() {
  note(judge_->judge_if_due([] { return stopping(); }));
  if (saved_ == steps() && !stopping()) judge_->write_film();
}

// Keeps the model of this step if it is the best.
void TrainingRun::note(bool is_best) {
  if (is_best) save_as(best_checkpoint_path(folder_->path()));
}

void TrainingRun::save() {
  saving_ = true;
  save_as(checkpoint());
  saved_ = steps();
  saving_ = false;
  remove_old_checkpoints(folder_->path(), config_.keep);
}

void TrainingRun::save_as(const std::filesystem::path& path) {
  reporter_->sync();
  telemetry_->sync();
  save_checkpoint(path, trainer_->state(), position_, config_, data_.shape(), opened_.record,
                  reporter_->unwritten(), judge_->best());
}

}  // namespace glow::app
