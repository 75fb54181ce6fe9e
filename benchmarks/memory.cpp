// Peak memory of training by depth. model_bytes is what the parameters take, with their gradients, Adam's
// moments and packed forms; temporary_bytes what comes on top, which must not grow with depth. Every tensor
// and arena is held by operator new, which this file replaces to count.
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>

#include <malloc.h>

#include "benchmarks.hpp"

namespace {

std::atomic<std::size_t> held{0};  // bytes now
std::atomic<std::size_t> peak{0};  // bytes at most

void* counted(void* p) {
  if (p == nullptr) throw std::bad_alloc();
  const std::size_t now = held += malloc_usable_size(p);
  for (std::size_t seen = peak; seen < now && !peak.compare_exchange_weak(seen, now);) {
  }
  return p;
}

void give_back(void* p) noexcept {
  held -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(std::malloc(bytes)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit));
}
void operator delete(void* p) noexcept { give_back(p); }
void operator delete(void* p, std::size_t) noexcept { give_back(p); }
void operator delete(void* p, std::align_val_t) noexcept { give_back(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { give_back(p); }

namespace glow::benchmarks {
namespace {

void train_and_count(benchmark::State& state, int depth) {
  const std::size_t before = held;
  peak = before;
  Model<Glow> model({.levels = 3, .depth = depth, .width = 512}, {32, 32, 3});
  Trainer<Glow> trainer(model, {.learning_rate = 1e-9});
  Tensor<float> x(model.batch_shape(8));
  const std::size_t with_model = held;
  for (auto _ : state) {
    fill_uniform(x.view(), Random{1, 0});
    trainer.step_on(x.view());
  }
  const auto bytes = [](std::size_t n) {
    return benchmark::Counter(static_cast<double>(n), benchmark::Counter::kDefaults,
                              benchmark::Counter::kIs1024);
  };
  state.counters["parameter_bytes"] =
      bytes(static_cast<std::size_t>(model.parameters().values().size()) * sizeof(float));
  state.counters["model_bytes"] = bytes(with_model - before);
  state.counters["temporary_bytes"] = bytes(peak - with_model);
  state.counters["peak_bytes"] = bytes(peak - before);
}

}  // namespace

void register_memory() {
  for (const int depth : {4, 16, 64}) {
    const std::string name = "memory_of_training/32x32x3/L3/width512/batch8/K" + std::to_string(depth);
    benchmark::RegisterBenchmark(name.c_str(),
                                 [depth](benchmark::State& state) {
                                   // Arenas belong to threads, so new threads start with none.
                                   set_threads(threads());
                                   std::thread([&] { train_and_count(state, depth); }).join();
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond)
        ->Iterations(3);
  }
}

}  // namespace glow::benchmarks
