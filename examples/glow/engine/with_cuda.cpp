// The engines of a program with CUDA.
#include <glow/cuda.hpp>
#include <glow/ranks/local_rank.hpp>

#include "engine/engine_on.hpp"
#include "engine/gpu_engine.hpp"
#include "ranks/gpu_ranks.hpp"

namespace glow::app {

void choose_gpu(AnyRanks& ranks) {
  if (ranks.size() == 1 || ranks.on_gpu() != nullptr) return;  // the latter have theirs
  const int local = local_rank(ranks);
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess && count > 0) {
    cuda::check(cudaSetDevice(local % count), join("using GPU ", local % count));
  } else {
    cudaGetLastError();  // who asks for a GPU hears of it
  }
}

std::string gpu_name() { return cuda::current_gpu().name; }

std::size_t available_gpu_memory() {
  cuda::current_gpu();
  std::size_t free = 0, all = 0;
  cuda::check(cudaMemGetInfo(&free, &all), "asking for the GPU's free memory");
  return free;
}

std::unique_ptr<Engine> make_gpu_engine(const Architecture& architecture, const Shape& image, Pixels pixels,
                                        const TrainOptions& options, std::optional<std::uint64_t> seed,
                                        const AnyRanks& ranks) {
  return std::make_unique<EngineOn<Cuda>>(gpu_name(), architecture, image, pixels, options, seed,
                                          with_gpus(ranks));
}

MemoryUse gpu_memory_use(const Architecture& architecture, const Shape& image, Index batch,
                         const TrainOptions& options) {
  return memory_of<GlowNet, float, Cuda>(GlowNet(architecture), image, batch, options);
}

}  // namespace glow::app
