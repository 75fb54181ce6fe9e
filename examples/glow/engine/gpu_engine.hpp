// The GPU's part of the engines: with_cuda.cpp or without_cuda.cpp is built, as the machine allows.
#pragma once

#include "engine/engine.hpp"

namespace glow::app {

/// Has each rank use a GPU of its own, as far as its machine has as many; all ranks call it, before they use
/// one.
void choose_gpu(AnyRanks& ranks);

/// Name of the GPU that would be used; throws Error or CudaError, saying why, if there is none.
std::string gpu_name();

/// Bytes of its memory that are free.
std::size_t available_gpu_memory();

/// The engine of that GPU.
std::unique_ptr<Engine> make_gpu_engine(const Architecture& architecture, const Shape& image, Pixels pixels,
                                        const TrainOptions& options, std::optional<std::uint64_t> seed,
                                        const AnyRanks& ranks);

/// What it takes, see memory_use; no GPU need be there.
MemoryUse gpu_memory_use(const Architecture& architecture, const Shape& image, Index batch,
                         const TrainOptions& options);

}  // namespace glow::app
