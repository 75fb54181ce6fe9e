// Memory of training by depth: what the GPU has less of, parameters and all, when steps are replayed.
#include <future>

#include "report.hpp"

namespace glow::benchmarks {
namespace {

std::size_t free_memory() {
  std::size_t free = 0, all = 0;
  cuda::check(cudaMemGetInfo(&free, &all), "asking for free memory");
  return free;
}

void measure(Report& report, int depth) {
  const Index batch = report.options().smoke ? 2 : 8, side = report.options().smoke ? 8 : 256;
  const std::size_t before = free_memory();
  Model<Glow, float, Cuda> model({.levels = 3, .depth = depth, .width = 256, .precision = Precision::bf16},
                                 {side, side, 3});
  Trainer<Glow, float, Cuda> trainer(model, {.learning_rate = 1e-9});
  const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(batch * model.dimensions()), 77);
  for (int i = 0; i < 4; ++i) trainer.step(pixels);
  const double parameters = 4.0 * sizeof(float) * static_cast<double>(model.parameters().values().size());
  const double used = static_cast<double>(before - free_memory());
  report.add(
      join("memory/", side, "x", side, "x3/L3/width256/batch", batch, "/K", depth),
      {{"GB", used / 1e9}, {"GB_but_for_parameters_gradients_and_moments", (used - parameters) / 1e9}});
}

}  // namespace

void measure_memory(Report& report) {
  for (const int depth : {4, 16, 32, 48, 64, 80}) {
    if (report.options().smoke && depth > 4) break;
    // A thread of its own has a context and arenas of its own, which go with it.
    std::async(std::launch::async, [&] { measure(report, depth); }).get();
  }
}

}  // namespace glow::benchmarks
