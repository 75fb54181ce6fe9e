// The models of the CPU.
#include <glow/runtime/nets.hpp>
#include <glow/train/memory.hpp>

#include "any_model_on.hpp"
#include "device.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE::runtime {

std::string cpu_name() { return join("CPU, ", threads(), threads() == 1 ? " thread" : " threads"); }

std::unique_ptr<AnyModel> make_cpu_model(const ModelDescription& d, std::optional<std::uint64_t> seed) {
  if (d.sample.rank() == 1) return std::make_unique<AnyModelOn<VectorNet, Cpu>>("cpu", cpu_name(), d, seed);
  return std::make_unique<AnyModelOn<ImageNet, Cpu>>("cpu", cpu_name(), d, seed);
}

MemoryUse cpu_memory_of(const ModelDescription& d, Index batch, const TrainOptions& options) {
  if (d.sample.rank() == 1) return memory_of<VectorNet>(VectorNet(*d.architecture), d.sample, batch, options);
  return memory_of<ImageNet>(ImageNet(*d.architecture), d.sample, batch, options);
}

}  // namespace glow::runtime
