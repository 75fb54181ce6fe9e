// The engines of a program that was built without CUDA.
#include "engine/gpu_engine.hpp"

namespace glow::app {

void choose_gpu(AnyRanks&) {}

std::string gpu_name() {
  throw Error("this glow was built without CUDA; build it where CMake finds nvcc, or use --device cpu");
}

std::size_t available_gpu_memory() {
  gpu_name();
  return 0;
}

std::unique_ptr<Engine> make_gpu_engine(const Architecture&, const Shape&, Pixels, const TrainOptions&,
                                        std::optional<std::uint64_t>, const AnyRanks&) {
  gpu_name();
  return nullptr;
}

MemoryUse gpu_memory_use(const Architecture&, const Shape&, Index, const TrainOptions&) {
  gpu_name();
  return {};
}

}  // namespace glow::app
