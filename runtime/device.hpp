// What each device of the runtime has: on_cpu.cpp and, of a GPU, with_cuda.cpp or without_cuda.cpp.
#pragma once

#include <glow/runtime/any_model.hpp>
#include <glow/train/train_options.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::runtime {

/// See glow::make_model; the description has an architecture that the nets have.
std::unique_ptr<AnyModel> make_cpu_model(const ModelDescription& description,
                                         std::optional<std::uint64_t> seed);
std::unique_ptr<AnyModel> make_gpu_model(const ModelDescription& description,
                                         std::optional<std::uint64_t> seed);

/// See glow::memory_of.
MemoryUse cpu_memory_of(const ModelDescription& description, Index batch, const TrainOptions& options);
MemoryUse gpu_memory_of(const ModelDescription& description, Index batch, const TrainOptions& options);

/// "CPU, 2 threads"
std::string cpu_name();
/// Name of the GPU that would be used; throws Error or CudaError, saying why, if there is none.
std::string gpu_name();

}  // namespace glow::runtime
