#include "run/judge.hpp"

#include <cmath>

#include "image/caption.hpp"
#include "ranks/orders.hpp"
#include "run/evaluate.hpp"
#include "run/pictures.hpp"
#include "run/require_memory.hpp"
#include "run/stoppable_dataset.hpp"
#include "run/with_average.hpp"

namespace glow::app {

Index validation_images(const Dataset& data, Index first) {
  constexpr Index most = 1024;  // while training; glow evaluate takes all
  return std::min(data.size() - first, most);
}

Judge::Judge(AnyRanks ranks, AnyTrainer& trainer, const Config& config, const Dataset& data, Index first,
             const std::filesystem::path& run, Reporter& reporter, OnSkip on_skip)
    : ranks_(std::move(ranks)),
      trainer_(trainer),
      config_(config),
      data_(data),
      first_(first),
      run_(run),
      reporter_(reporter),
      on_skip_(std::move(on_skip)),
      evolution_(run, trainer.steps(), data.shape()[2]) {}

void Judge::note_what_is_done(const BestValidation& best) {
  best_ = best;
  if (const auto validation = reporter_.validation_of(steps())) {
    validated_ = steps();
    if (validation_due()) best_.add(steps(), *validation);
  }
  if (std::filesystem::exists(samples_path(run_, steps()))) drawn_ = steps();
}

bool Judge::judged(bool last) const {
  return (validated_ == steps() || !(last || validation_due())) &&
         (drawn_ == steps() || !(last || due(config_.sample_every)));
}

bool Judge::judge_if_due(const std::function<bool()>& stop) {
  return judge(validation_due(), due(config_.sample_every), stop);
}

bool Judge::judge(bool validation, bool samples, const std::function<bool()>& stop) {
  validation = validation && validated_ != steps();
  samples = samples && drawn_ != steps();
  if ((!validation && !samples) || stop()) return false;
  const WithAverage average(trainer_);
  bool is_best = false;
  if (validation) {
    const auto bits_per_dim = validate(stop);
    reporter_.validated(bits_per_dim);
    if (bits_per_dim) {
      validated_ = steps();
      // One that the run's end brings about is none of the sequence, so that a run that goes on has the same.
      BestValidation with_this = best_;
      is_best = with_this.add(steps(), *bits_per_dim);
      if (validation_due()) best_ = with_this;
    }
  }
  if (samples && !stop()) draw_samples();
  return is_best;
}

// Bits per dimension, which may be NaN; none if it was stopped.
std::optional<double> Judge::validate(const std::function<bool()>& stop) {
  if (ranks_.size() > 1) ask(ranks_, Task::validate);
  const auto on_skip = [this](const std::string& failure) {
    require<FileError>(!config_.strict, failure);
    on_skip_(failure);
  };
  try {
    const StoppableDataset images(data_, stop);
    return evaluate_together(ranks_, trainer_.model(), config_, images, first_,
                             validation_images(data_, first_), on_skip)
        .bits_per_dim;
  } catch (const StoppableDataset::Stopped&) {
    return std::nullopt;
  } catch (const NumericError& e) {
    fault(join("validation: ", e.what()));
    return std::nan("");
  }
}

void Judge::draw_samples() {
  const Index columns = pictured_columns(data_.shape()),
              rows = pictured_rows(data_.shape(), static_cast<Index>(config_.class_names.size()));
  const auto temperature = static_cast<float>(config_.temperature);
  const Random random{config_.seed, 4};
  drawn_ = steps();
  try {
    Picture grid = config_.classes
                       ? class_grid(trainer_.model(), columns, random, temperature,
                                    std::span(config_.class_names).first(static_cast<std::size_t>(rows)))
                       : sample_grid(trainer_.model(), columns * rows, random, temperature, columns);
    add_caption(grid, join("step ", steps(), ", temperature ", config_.temperature));
    write_png(samples_path(run_, steps()), grid);
  } catch (const NumericError& e) {
    return fault(join(e.what(), "; no picture of them is drawn"));
  }
  evolution_.add(steps());
  film_is_old_ = true;
}

// Says what of this step's model is not finite; for the last step's, the exit status tells.
void Judge::fault(const std::string& what) {
  reporter_.fault(join("step ", steps(), ": ", what));
  finite_ = finite_ && steps() < config_.steps;
}

void Judge::write_film() {
  if (film_is_old_) evolution_.write();
  film_is_old_ = false;
}

}  // namespace glow::app
