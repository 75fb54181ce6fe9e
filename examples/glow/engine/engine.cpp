#include "engine/available_memory.hpp"
#include "engine/engine_on.hpp"
#include "engine/gpu_engine.hpp"

namespace glow::app {

std::string resolve_device(const std::string& wanted) {
  require(wanted == "auto" || wanted == "cpu" || wanted == "cuda", "device: '", wanted,
          "' is none of auto, cpu, cuda");
  if (wanted == "cpu") return wanted;
  try {
    gpu_name();
    return "cuda";
  } catch (const Error&) {
    if (wanted == "cuda") throw;
    return "cpu";
  }
}

std::unique_ptr<Engine> make_engine(const std::string& device, const Architecture& architecture,
                                    const Shape& image, Pixels pixels, const TrainOptions& options,
                                    std::optional<std::uint64_t> seed, const AnyRanks& ranks) {
  if (device == "cuda") return make_gpu_engine(architecture, image, pixels, options, seed, ranks);
  return std::make_unique<EngineOn<Cpu>>(join("CPU, ", threads(), threads() == 1 ? " thread" : " threads"),
                                         architecture, image, pixels, options, seed, ranks);
}

MemoryUse memory_use(const std::string& device, const Architecture& architecture, const Shape& image,
                     Index batch, const TrainOptions& options) {
  if (device == "cuda") return gpu_memory_use(architecture, image, batch, options);
  return memory_of<GlowNet>(GlowNet(architecture), image, batch, options);
}

std::size_t available_memory(const std::string& device) {
  return device == "cuda" ? available_gpu_memory() : available_host_memory();
}

std::string memory_device(const std::string& device) {
  if (device != "cuda") return join("the CPU, ", threads(), threads() == 1 ? " thread" : " threads");
  try {
    return gpu_name();
  } catch (const CudaError&) {
    return "an H100 (there is no GPU here)";
  }
}

}  // namespace glow::app
