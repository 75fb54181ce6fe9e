// How ops, layers and models are registered with Google Benchmark.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include <glow/glow.hpp>

namespace glow::benchmarks {

/// What a call has to do at least.
struct Work {
  double bytes = 0;   ///< read and written, each tensor of its equation once
  double flops = 0;   ///< floating-point operations of matrix products
  double images = 0;  ///< that a model takes
};

/// The best rates of this machine that this run has measured: what all else is a share of; 0 before any.
struct Rates {
  double copy = 0;   ///< bytes a second, read and written ones both counted
  double sgemm = 0;  ///< FLOP/s

  static Rates& best() {
    static Rates rates;
    return rates;
  }
};

/// Registers `name`: make() gives the call that is measured; `told(seconds)` hears how long one takes, each
/// time that the benchmark runs.
template <class Make, class Told>
void add(const std::string& name, const Work& work, Make make, Told told) {
  const auto body = [work, make, told](benchmark::State& state) {
    auto call = make();
    call();  // the arenas' growth belongs to no measurement
    const auto start = std::chrono::steady_clock::now();
    for (auto _ : state) call();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    const double seconds = elapsed.count() / static_cast<double>(state.iterations());
    told(seconds);
    const auto count = [&](const std::string& unit, double amount, double best, const char* share) {
      if (amount == 0) return;
      state.counters[unit] = amount;
      state.counters[unit + "/s"] = amount / seconds;
      if (best > 0) state.counters[share] = amount / seconds / best;
    };
    count("bytes", work.bytes, Rates::best().copy, "share_of_copy");
    count("FLOP", work.flops, Rates::best().sgemm, "share_of_sgemm");
    count("images", work.images, 0, "");
  };
  benchmark::RegisterBenchmark(name.c_str(), body)->UseRealTime()->Unit(benchmark::kMicrosecond);
}
template <class Make>
void add(const std::string& name, const Work& work, Make make) {
  add(name, work, make, [](double) {});
}

/// Copies and matrix products: the machine's rates.
void register_rates();
/// Ops and layers that move memory.
void register_pointwise();
/// Ops and layers that are matrix products for the most part.
void register_products();
/// Forward and backward pass, norm, Adam and the packing of changed weights: parts of a step of training.
void register_steps();
/// Training, log p(x) and sampling of whole models.
void register_models();

}  // namespace glow::benchmarks
