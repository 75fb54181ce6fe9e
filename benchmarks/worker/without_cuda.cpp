// The GPU's part of a worker that was built without CUDA.
#include "worker/gpu.hpp"

namespace glow::benchmarks {
namespace {

[[noreturn]] void refuse() {
  throw Error(
      "this glow_worker was built without CUDA; build it where CMake finds nvcc, or use --device cpu");
}

}  // namespace

std::unique_ptr<Subject> make_gpu_subject(const Setting&, const TrainOptions&) { refuse(); }

MemoryUse gpu_memory() { refuse(); }

}  // namespace glow::benchmarks
