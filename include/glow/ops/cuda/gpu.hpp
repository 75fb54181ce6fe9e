// The GPU that the calling thread uses, or why there is none.
#pragma once

#include <string>

#include <glow/core/cuda/check.hpp>
#include <glow/ops/kernels/usable.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

/// An NVIDIA GPU.
struct Gpu {
  std::string name;    ///< "NVIDIA H100 80GB HBM3"
  std::size_t memory;  ///< bytes
  int major, minor;    ///< compute capability
  int multiprocessors;
};

/// The current GPU. Throws CudaError if none can be used: no driver, no device, or kernels that were compiled
/// for other architectures; the message says which, and what would help.
inline Gpu current_gpu() {
  int count = 0, device = 0;
  cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaSuccess) status = cudaGetDevice(&device);
  if (status != cudaSuccess || count == 0) {
    cudaGetLastError();
    throw CudaError(join(
        "CUDA: no GPU can be used: ", cudaGetErrorString(status != cudaSuccess ? status : cudaErrorNoDevice),
        "; nvidia-smi should list one, with a driver for CUDA ", CUDART_VERSION / 1000, ".",
        CUDART_VERSION % 1000 / 10, " or newer"));
  }
  cudaDeviceProp p{};
  check(cudaGetDeviceProperties(&p, device), "asking for the GPU's properties");
  status = kernels::usable();
  require<CudaError>(status == cudaSuccess, "CUDA: ", p.name, " has compute capability ", p.major, ".",
                     p.minor, ", but glow was compiled for ", kernels::compiled_architectures(), " (",
                     cudaGetErrorString(status), "); build with -DGLOW_CUDA_ARCHITECTURES=", p.major,
                     p.minor);
  return {p.name, p.totalGlobalMem, p.major, p.minor, p.multiProcessorCount};
}

}  // namespace glow::cuda
