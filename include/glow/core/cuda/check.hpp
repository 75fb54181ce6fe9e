// Every status of a CUDA call passes through here.
#pragma once

#include <string_view>

#include <cuda_runtime_api.h>

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

/// Throws CudaError "what: reason (name)" unless `status` is success.
inline void check(cudaError_t status, std::string_view what) {
  require<CudaError>(status == cudaSuccess, "CUDA: ", what, ": ", cudaGetErrorString(status), " (",
                     cudaGetErrorName(status), ")");
}

}  // namespace glow::cuda
