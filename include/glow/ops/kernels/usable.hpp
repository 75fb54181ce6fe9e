// What kernels/usable.cu tells of the compiled kernels.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// cudaSuccess if the current GPU can run the kernels; cudaErrorNoKernelImageForDevice, or another error of
/// loading them, if they were not compiled for it.
cudaError_t usable();

/// The architectures that the kernels were compiled for, such as "80,90a,100,120".
const char* compiled_architectures();

}  // namespace glow::kernels
