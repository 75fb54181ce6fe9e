// What a runtime that was built without CUDA says of GPUs.
#include <glow/runtime/open.hpp>

#include "device.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE {

std::size_t available_gpu_memory() {
  runtime::gpu_name();
  return 0;
}

}  // namespace glow

namespace glow::inline GLOW_VERSION_NAMESPACE::runtime {

std::string gpu_name() {
  throw Error("this glow was built without CUDA; build it where CMake finds nvcc, or use the device cpu");
}

std::unique_ptr<AnyModel> make_gpu_model(const ModelDescription&, std::optional<std::uint64_t>) {
  gpu_name();
  return nullptr;
}

MemoryUse gpu_memory_of(const ModelDescription&, Index, const TrainOptions&) {
  gpu_name();
  return {};
}

}  // namespace glow::runtime
