// How GPU benchmarks are timed and told.
#pragma once

#include <algorithm>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include <glow/cuda.hpp>
#include <glow/io/atomic_file.hpp>

#include "model/setting.hpp"
#include "options.hpp"

namespace glow::benchmarks {

/// Figures by name, printed and written as JSON as they come, so that a run that is cut short leaves what it
/// has.
class Report {
 public:
  explicit Report(const Options& options) : options_(options) {}
  const Options& options() const { return options_; }

  /// The model that is trained and sampled from.
  Setting setting(Precision precision) const {
    Setting s = options_.smoke ? Setting{{.levels = 2, .depth = 1, .width = 16}, {8, 8, 1}, 2}
                               : setting_of("reference");
    s.architecture.precision = precision;
    return s;
  }

  /// Prints "name  key value  key value ...".
  void add(const std::string& name, const nlohmann::ordered_json& figures) {
    std::cout << name << std::string(name.size() < 56 ? 56 - name.size() : 1, ' ');
    for (const auto& [key, value] : figures.items()) std::cout << "  " << key << ' ' << value.dump();
    std::cout << std::endl;
    all_[name] = figures;
    if (!options_.json.empty()) write_file_atomically(options_.json, all_.dump(2) + "\n");
  }

  /// Seconds of one call of work(), which queues on the current stream: the best of several runs of `rounds`.
  template <class Work>
  double seconds_of(int rounds, Work work) const;

 private:
  Options options_;
  nlohmann::ordered_json all_;
};

/// Rates of this GPU, measured in the same run: what all else is a share of.
struct Rates {
  double copy_bytes;  ///< bytes a second, read and written ones both counted, of a device-to-device copy
  double bf16_flops;  ///< FLOP/s of cuBLAS's bf16 product of large square matrices
};

template <class Work>
double Report::seconds_of(int rounds, Work work) const {
  cudaEvent_t begin = nullptr, end = nullptr;
  cuda::check(cudaEventCreate(&begin), "making an event");
  cuda::check(cudaEventCreate(&end), "making an event");
  const int warm_ups = options_.once ? 0 : 3, repeats = options_.once ? 1 : 5;
  const int calls = options_.once ? 1 : rounds;
  for (int i = 0; i < warm_ups; ++i) work();
  double best = 1e30;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    cuda::check(cudaEventRecord(begin, cuda::stream()), "recording an event");
    for (int i = 0; i < calls; ++i) work();
    cuda::check(cudaEventRecord(end, cuda::stream()), "recording an event");
    cuda::check(cudaEventSynchronize(end), "waiting for an event");
    float milliseconds = 0;
    cuda::check(cudaEventElapsedTime(&milliseconds, begin, end), "reading an event");
    best = std::min(best, static_cast<double>(milliseconds) / 1e3 / calls);
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  return best;
}

Rates measure_rates(Report& report);
void measure_kernels(Report& report, const Rates& rates);
void measure_networks(Report& report, const Rates& rates);
void measure_convolutions(Report& report);
void measure_training(Report& report, const Rates& rates);
void measure_sampling(Report& report);
void measure_memory(Report& report);

}  // namespace glow::benchmarks
