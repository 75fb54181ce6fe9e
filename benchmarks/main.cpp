// glow_benchmark: speed and memory of the library, with this machine's SGEMM rate from the same run.
#include "benchmarks.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("threads", std::to_string(glow::threads()));
  benchmark::AddCustomContext(
      "bits of a vector",
      std::to_string(8 * glow::ops::with_isa([]<class I>(I) { return I::vector_bytes; })));
  // In this order, since the speed of log p(x) is told as a share of SGEMM's.
  glow::benchmarks::register_sgemm();
  glow::benchmarks::register_speed();
  glow::benchmarks::register_memory();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
