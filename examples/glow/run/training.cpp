#include "run/training.hpp"

#include "run/training_run.hpp"

namespace glow::app {

namespace {

// Runs it to its end, from the last good state again where it diverges.
int finish(std::unique_ptr<TrainingRun> run, const std::filesystem::path& path, Voice voice,
           const AnyRanks& ranks) {
  constexpr int most_returns = 4;
  for (int returns = 0;; ++returns) {
    try {
      return (*run)(returns < most_returns);
    } catch (const Diverged&) {
      TrainingRun::Return from = run->go_back();
      run.reset();
      run = std::make_unique<TrainingRun>(std::move(from.config), path, std::move(from.folder), &from.from,
                                          voice, 0, ranks);
    }
  }
}

}  // namespace

int train(Config config, const std::filesystem::path& run, Voice voice, Index trace, const AnyRanks& ranks) {
  return finish(
      std::make_unique<TrainingRun>(std::move(config), run, std::nullopt, nullptr, voice, trace, ranks), run,
      voice, ranks);
}

int resume(Config config, RunFolder run, const Checkpoint& from, Voice voice, Index trace,
           const AnyRanks& ranks) {
  const auto path = run.path();
  return finish(
      std::make_unique<TrainingRun>(std::move(config), path, std::move(run), &from, voice, trace, ranks),
      path, voice, ranks);
}

}  // namespace glow::app
