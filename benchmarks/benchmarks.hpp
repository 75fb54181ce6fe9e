// What the benchmarks share.
#pragma once

#include <chrono>

#include <benchmark/benchmark.h>

#include <glow/glow.hpp>

namespace glow::benchmarks {

using Step = Flow<ActNorm, Conv1x1, Coupling>;
using Level = Flow<Squeeze, Repeat<Step>>;
using Glow = MultiScale<Level>;

/// Products of float matrices by this library, Eigen and OpenBLAS, on all threads at once.
void register_sgemm();
/// Images per second of training, log p(x) and sampling.
void register_speed();
/// Peak memory of a training step by depth.
void register_memory();

/// FLOP/s of the fastest SGEMM that this run has measured; 0 before any.
double best_sgemm_rate();

/// Runs the loop of `state` over `body`; seconds for one round.
template <class F>
double seconds_of_round(benchmark::State& state, F body) {
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) body();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return elapsed.count() / static_cast<double>(state.iterations());
}

}  // namespace glow::benchmarks
