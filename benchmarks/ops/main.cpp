// glow_benchmark: speed of ops, layers and models on the CPU, as shares of what this machine does at most.
#include "ops/registered.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("threads", std::to_string(glow::threads()));
  benchmark::AddCustomContext(
      "bits of a vector",
      std::to_string(8 * glow::ops::with_isa<float>([]<class I>(I) { return I::vector_bytes; })));
  // The rates come first, since all else is told as a share of them.
  glow::benchmarks::register_rates();
  glow::benchmarks::register_pointwise();
  glow::benchmarks::register_products();
  glow::benchmarks::register_steps();
  glow::benchmarks::register_models();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
