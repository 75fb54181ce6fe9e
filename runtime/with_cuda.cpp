// The models of a GPU.
#include <glow/cuda.hpp>
#include <glow/runtime/nets.hpp>
#include <glow/runtime/open.hpp>
#include <glow/train/memory.hpp>

#include "any_model_on.hpp"
#include "device.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE {

std::size_t available_gpu_memory() {
  cuda::current_gpu();
  std::size_t free = 0, all = 0;
  cuda::check(cudaMemGetInfo(&free, &all), "asking for the GPU's free memory");
  return free;
}

}  // namespace glow

namespace glow::inline GLOW_VERSION_NAMESPACE::runtime {

std::string gpu_name() { return cuda::current_gpu().name; }

std::unique_ptr<AnyModel> make_gpu_model(const ModelDescription& d, std::optional<std::uint64_t> seed) {
  if (d.sample.rank() == 1) return std::make_unique<AnyModelOn<VectorNet, Cuda>>("cuda", gpu_name(), d, seed);
  return std::make_unique<AnyModelOn<ImageNet, Cuda>>("cuda", gpu_name(), d, seed);
}

MemoryUse gpu_memory_of(const ModelDescription& d, Index batch, const TrainOptions& options) {
  if (d.sample.rank() == 1)
    return memory_of<VectorNet, float, Cuda>(VectorNet(*d.architecture), d.sample, batch, options);
  return memory_of<ImageNet, float, Cuda>(ImageNet(*d.architecture), d.sample, batch, options);
}

}  // namespace glow::runtime
