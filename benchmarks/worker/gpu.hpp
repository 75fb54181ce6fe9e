// The GPU's part of a worker: with_cuda.cpp or without_cuda.cpp is built, as the machine allows.
#pragma once

#include <memory>

#include "model/memory_use.hpp"
#include "model/subject.hpp"

namespace glow::benchmarks {

/// The subject of the current GPU; throws Error or CudaError, saying why, if there is none.
std::unique_ptr<Subject> make_gpu_subject(const Setting& setting, const TrainOptions& options);

/// Memory of the current GPU that is in use, by whomever; throws as make_gpu_subject.
MemoryUse gpu_memory();

}  // namespace glow::benchmarks
