// glow_gpu_benchmark [--json FILE] [rates|kernels|networks|convolutions|training|sampling|memory ...]: speed
// and memory on the current GPU; all parts without a name. The rates are measured in every run.
#include <set>

#include <glow/io/atomic_file.hpp>

#include "report.hpp"

namespace {

int run(const std::vector<std::string>& words) {
  using namespace glow::benchmarks;
  std::string file;
  std::set<std::string> parts;
  const std::set<std::string> known{"rates",    "kernels",  "networks", "convolutions",
                                    "training", "sampling", "memory"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--json" && i + 1 < words.size()) {
      file = words[++i];
    } else {
      glow::require(
          known.count(words[i]) == 1, "'", words[i],
          "' is none of rates, kernels, networks, convolutions, training, sampling, memory, --json FILE");
      parts.insert(words[i]);
    }
  }
  const auto wanted = [&](const char* part) { return parts.empty() || parts.count(part) == 1; };
  const glow::cuda::Gpu gpu = glow::cuda::current_gpu();
  Report report;
  report.add("gpu", {{"name", gpu.name},
                     {"compute_capability", std::to_string(gpu.major) + "." + std::to_string(gpu.minor)},
                     {"multiprocessors", gpu.multiprocessors},
                     {"memory_bytes", gpu.memory},
                     {"cuda", CUDART_VERSION}});
  const Rates rates = measure_rates(report);
  if (wanted("kernels")) measure_kernels(report, rates);
  if (wanted("networks")) measure_networks(report, rates);
  if (wanted("convolutions")) measure_convolutions(report);
  if (wanted("training")) measure_training(report, rates);
  if (wanted("sampling")) measure_sampling(report);
  if (wanted("memory")) measure_memory(report);
  if (!file.empty()) glow::write_file_atomically(file, report.all().dump(2) + "\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::cerr << "glow_gpu_benchmark: " << e.what() << '\n';
    return 1;
  }
}
