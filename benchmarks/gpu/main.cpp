// glow_gpu_benchmark [OPTION ...] [PART ...]: speed and memory on the current GPU, of the parts rates,
// kernels, networks, convolutions, training, sampling, memory, all without a name. The rates are measured in
// every run. Options:
//
//   --json FILE                      writes the figures there
//   --precision full|tf32|bf16       of this precision alone, or of several; all without it
//   --once                           runs everything once, for a profiler
//   --smoke                          runs everything once in the smallest sizes, which shows that it runs
#include "report.hpp"

namespace {

void run(const glow::benchmarks::Options& options) {
  using namespace glow::benchmarks;
  const glow::cuda::Gpu gpu = glow::cuda::current_gpu();
  Report report(options);
  report.add("gpu", {{"name", gpu.name},
                     {"compute_capability", std::to_string(gpu.major) + "." + std::to_string(gpu.minor)},
                     {"multiprocessors", gpu.multiprocessors},
                     {"memory_bytes", gpu.memory},
                     {"cuda", CUDART_VERSION}});
  const Rates rates = measure_rates(report);
  if (options.wants("kernels")) measure_kernels(report, rates);
  if (options.wants("networks")) measure_networks(report, rates);
  if (options.wants("convolutions")) measure_convolutions(report);
  if (options.wants("training")) measure_training(report, rates);
  if (options.wants("sampling")) measure_sampling(report);
  if (options.wants("memory")) measure_memory(report);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(glow::benchmarks::read_options({argv + 1, argv + argc}));
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "glow_gpu_benchmark: " << e.what() << '\n';
    return 1;
  }
}
