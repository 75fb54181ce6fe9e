// Memory of training by depth: what the GPU has less of, parameters and all, when steps are replayed.
#include <future>
#include <vector>

#include "report.hpp"

namespace glow::benchmarks {
namespace {

std::size_t free_memory() {
  std::size_t free = 0, all = 0;
  cuda::check(cudaMemGetInfo(&free, &all), "asking for free memory");
  return free;
}

void measure(Report& report, const Setting& s) {
  const std::size_t before = free_memory();
  Model<Glow, float, Cuda> model(s.architecture, s.image);
  Trainer<Glow, float, Cuda> trainer(model, {.learning_rate = 1e-9});
  const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(s.batch * model.dimensions()), 77);
  trainer.start(pixels);
  for (int i = 0; i < 4; ++i) trainer.step(pixels);
  const double parameters = 4.0 * sizeof(float) * static_cast<double>(model.parameters().values().size());
  const double used = static_cast<double>(before - free_memory());
  report.add("memory/" + s.name(),
             {{"GB", used / 1e9},
              {"GB_told_before", static_cast<double>(model.memory(s.batch).training()) / 1e9},
              {"GB_but_for_parameters_gradients_and_moments", (used - parameters) / 1e9}});
}

}  // namespace

void measure_memory(Report& report) {
  std::vector<Setting> settings;
  if (report.options().smoke) {
    settings.push_back(report.setting(Precision::bf16));
  } else {
    for (const int depth : {4, 16, 32, 48, 64, 80}) {
      settings.push_back(
          {{.levels = 3, .depth = depth, .width = 256, .precision = Precision::bf16}, {256, 256, 3}, 8});
    }
  }
  for (const Setting& s : settings) {
    // A thread of its own has a context and arenas of its own, which go with it.
    std::async(std::launch::async, [&] { measure(report, s); }).get();
  }
}

}  // namespace glow::benchmarks
