#include "run/training.hpp"

#include <atomic>
#include <csignal>
#include <deque>
#include <iostream>
#include <mutex>
#include <set>

#include <glow/data/prefetcher.hpp>

#include "run/evaluate.hpp"
#include "run/folders.hpp"
#include "run/pictures.hpp"
#include "run/training_data.hpp"

namespace glow::app {

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

// Turns Ctrl-C into a flag while a run trains; a second one ends the program as ever.
class InterruptGuard {
 public:
  InterruptGuard() {
    interrupted = false;
    std::signal(SIGINT, [](int) {
      interrupted = true;
      std::signal(SIGINT, SIG_DFL);
    });
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard() { std::signal(SIGINT, SIG_DFL); }
};

constexpr Index most_validation_images = 1024;  // while training; glow evaluate takes all

class Run {
 public:
  Run(Config config, std::filesystem::path folder, const Checkpoint* from, Voice voice)
      : config_(std::move(config)),
        folder_(std::move(folder)),
        opened_(open_training_data(config_, from)),
        data_(*opened_.images),
        train_images_(opened_.train),
        position_(opened_.position) {
    config_.resolve(train_images_);
    if (from != nullptr) {
      require(from->state.steps < config_.steps, "--resume: ", from->state.steps, " steps are done, and ",
              config_.steps, " are asked for; give more with --steps");
    }
    config_.size = std::to_string(data_.shape()[0]) + "x" + std::to_string(data_.shape()[1]);
    config_.check_levels(data_.shape());
    if (config_.threads > 0) set_threads(config_.threads);
    config_.device = resolve_device(config_.device);
    engine_ = make_engine(config_.device, config_.architecture(), data_.shape(), config_.train_options(),
                          config_.seed);
    if (from != nullptr) {
      engine_->set_state(from->state);
    } else {
      make_run_folder(folder_);
    }
    make_folder(folder_ / "samples");
    make_folder(folder_ / "checkpoints");
    write_file_atomically(folder_ / "config.json", to_json(config_).dump(2) + "\n");
    if (opened_.record) write_file_atomically(folder_ / "data.json", opened_.described.dump(2) + "\n");
    reporter_ = std::make_unique<Reporter>(folder_ / "metrics.jsonl", engine_->steps(), config_.steps, voice);
  }

  int operator()() {
    const InterruptGuard guard;
    const auto start = std::chrono::steady_clock::now();
    if (!opened_.change.empty()) {
      std::cerr << "glow: warning: the data '" << config_.data << "' " << opened_.change << '\n';
    }
    reporter_->say(join("training on ", train_images_, " images ", data_.shape(), " of ", config_.data,
                        opened_.same ? " (the same as before), " : ", ", engine_->parameter_count(),
                        " parameters, on ", engine_->device(), ", into ", folder_.string()));
    Prefetcher batches(data_, 0, train_images_, prefetch_options(), position_);
    bool stop = false;
    for (;;) {
      const auto before = std::chrono::steady_clock::now();
      while (!stop && may_submit()) submit(batches.next());
      if (engine_->under_way() == 0) break;
      const StepResult result = engine_->wait();
      const std::chrono::duration<double> step_time = std::chrono::steady_clock::now() - before;
      position_ = positions_.front();
      positions_.pop_front();
      stop = stop || interrupted;  // asked once a step: a Ctrl-C that comes later ends the next one
      const bool last = result.step == config_.steps || (stop && engine_->under_way() == 0);
      Metrics metrics{result, epochs(), static_cast<double>(config_.batch) / step_time.count(), 0, {}};
      if (due(result.step, config_.validate_every) || last) metrics.validation_bits_per_dim = validate();
      metrics.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      reporter_->step(metrics);
      if (due(result.step, config_.sample_every) || last) draw_samples();
      if (due(result.step, config_.save_every) || last) save();
    }
    if (const std::size_t n = skipped(); n > 0)
      reporter_->say(join(n, " images could not be decoded and were skipped"));
    const bool broken_off = engine_->steps() < config_.steps;
    reporter_->say(join(broken_off ? "interrupted; saved " : "saved ",
                        checkpoint_path(folder_, engine_->steps()).string(),
                        broken_off ? join("; go on with: glow train --resume ", folder_.string()) : ""));
    return broken_off ? 130 : 0;
  }

 private:
  static bool due(Index step, Index every) { return every > 0 && step % every == 0; }

  // True if the next step may begin while others are under way: none of them is one after which the model is
  // looked at or saved.
  bool may_submit() const {
    const Index begun = engine_->steps() + engine_->under_way();
    if (begun >= config_.steps || engine_->under_way() >= engine_->steps_ahead()) return false;
    return engine_->under_way() == 0 || !(due(begun, config_.validate_every) ||
                                          due(begun, config_.sample_every) || due(begun, config_.save_every));
  }

  void submit(const Batch& batch) {
    if (engine_->steps() + engine_->under_way() == 0) {
      engine_->start(batch.pixels);
      draw_samples();
    }
    engine_->submit(batch.pixels);
    positions_.push_back(batch.position);
  }

  PrefetchOptions prefetch_options() {
    PrefetchOptions options;
    options.batch = config_.batch;
    options.seed = config_.seed;
    options.flip = config_.flip;
    options.strict = config_.strict;
    options.on_skip = [this](const std::string& name) { skip(name); };
    return options;
  }

  // Names an image once, however often it is met, and on whichever thread.
  void skip(const std::string& name) {
    const std::lock_guard<std::mutex> lock(skipped_mutex_);
    if (skipped_.insert(name).second) warn_of_skipped(name);
  }
  std::size_t skipped() {
    const std::lock_guard<std::mutex> lock(skipped_mutex_);
    return skipped_.size();
  }

  double epochs() const {
    return static_cast<double>(position_.epoch) +
           static_cast<double>(position_.offset) / static_cast<double>(train_images_);
  }

  double validate() {
    const Index count = std::min(data_.size() - train_images_, most_validation_images);
    const auto on_skip = [this](const std::string& name) {
      require<FileError>(!config_.strict, "'", name, "' cannot be decoded");
      skip(name);
    };
    return evaluate(*engine_, data_, train_images_, count, config_.bits, config_.seed, config_.batch, on_skip)
        .bits_per_dim;
  }

  // The same latents each time, so that the pictures show how the model changes.
  void draw_samples() const {
    const Index count = data_.shape().size() <= 32 * 32 ? 64 : 16;
    const auto eps = draw_eps(*engine_, count, Random{config_.seed, 4});
    const auto name = checkpoint_path("", engine_->steps()).stem().string() + ".png";
    write_png(folder_ / "samples" / name,
              sample_grid(*engine_, eps.view(), static_cast<float>(config_.temperature), config_.bits,
                          count == 64 ? 8 : 4));
  }

  void save() {
    save_checkpoint(checkpoint_path(folder_, engine_->steps()), engine_->state(), position_, config_,
                    data_.shape(), opened_.record);
    write_evolution();
  }

  // evolution.gif is made anew of all grids, so that a resumed run's shows the whole of it. What else lies
  // there is left out.
  void write_evolution() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "samples")) {
      const auto stem = entry.path().stem().string();
      if (entry.path().extension() == ".png" && stem.starts_with("step_") &&
          stem <= checkpoint_path("", engine_->steps()).stem().string()) {
        files.push_back(entry.path());
      }
    }
    std::sort(files.begin(), files.end());
    std::vector<Picture> frames;
    for (const auto& file : files) {
      Picture picture = read_picture(file, data_.shape()[2]);
      if (picture.whole()) frames.push_back(std::move(picture));
    }
    if (!frames.empty()) write_gif(folder_ / "evolution.gif", frames, 20);
  }

  Config config_;
  std::filesystem::path folder_;
  TrainingData opened_;
  const Dataset& data_;
  Index train_images_;
  Position position_;
  std::deque<Position> positions_;  // after each step under way
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Reporter> reporter_;
  std::mutex skipped_mutex_;
  std::set<std::string> skipped_;
};

}  // namespace

int train(Config config, const std::filesystem::path& run, const Checkpoint* from, Voice voice) {
  return Run(std::move(config), run, from, voice)();
}

}  // namespace glow::app
