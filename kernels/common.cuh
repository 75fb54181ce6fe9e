// The first include of every kernel file. nvcc compiles the files for devices, the host's compiler for the
// tests, which run the kernels on the CPU (tests/cuda_on_cpu). So kernel files spell three things in this
// header's words:
//
//   GLOW_SHARED(float, tile, [32][33]);            __shared__ float tile[32][33]
//   GLOW_SHARED_ALIGNED(16, float, tile, [1024]);  __shared__ __align__(16) float tile[1024], for float4 or
//                                                  cp.async
//   GLOW_DYN_SHARED(float, buffer);                float* buffer: the launch's dynamic shared memory, aligned
//                                                  to 16 bytes
//   GLOW_DYN_SHARED_ALIGNED(1024, float, buffer);  aligned to 1024 bytes
//   launch("actnorm_forward", kernel, grid, block, shared_bytes, stream, arguments...) kernel<<<...>>>(...);
//                                                  launch_in_clusters(what, kernel, blocks, grid, ...)
#pragma once

#include <cstddef>

#include <glow/core/error.hpp>

#if defined(__CUDACC__)

#include <utility>

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#define GLOW_SHARED(T, name, ...) __shared__ T name __VA_ARGS__
#define GLOW_SHARED_ALIGNED(alignment, T, name, ...) \
  __shared__ __align__(alignment)                    \
  T name __VA_ARGS__
#define GLOW_DYN_SHARED(T, name)                                              \
  extern __shared__ __align__(16) unsigned char glow_dynamic_shared_memory[]; \
  T* const name = reinterpret_cast<T*>(glow_dynamic_shared_memory)
#define GLOW_DYN_SHARED_ALIGNED(alignment, T, name)   \
  extern __shared__ __align__(alignment)              \
  unsigned char glow_aligned_dynamic_shared_memory[]; \
  T* const name = reinterpret_cast<T*>(glow_aligned_dynamic_shared_memory)

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels::detail {

template <class... Parameters, class... Arguments>
cudaError_t start(const char*, const cudaLaunchConfig_t& config, void (*kernel)(Parameters...),
                  Arguments&&... arguments) {
  return cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...);
}

}  // namespace glow::kernels::detail

#else

#include <cuda_on_cpu/shim.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels::detail {

template <class... Parameters, class... Arguments>
cudaError_t start(const char* what, const cudaLaunchConfig_t& config, void (*kernel)(Parameters...),
                  Arguments&&... arguments) {
  return cuda_on_cpu::launch_kernel(what, config, kernel, std::forward<Arguments>(arguments)...);
}

}  // namespace glow::kernels::detail

#endif

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// The most bytes of shared memory that a kernel's GLOW_SHAREDs may take; tests/kernel_resources.py holds all
/// kernels to it.
inline constexpr std::size_t most_static_shared = 16 * 1024;

/// Lets a kernel use `bytes` of dynamic shared memory. A kernel has to ask if that and what it declares are
/// more than 48 KiB together; asking again costs about a microsecond, and a table of who has asked would cost
/// a lock.
inline cudaError_t allow_shared_memory(const void* kernel, std::size_t bytes) {
  if (bytes + most_static_shared <= 48 * 1024) return cudaSuccess;
  return cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
}

/// Runs kernel(arguments...) on `stream`, in clusters of `cluster` blocks along x (cluster.cuh), of which the
/// grid must be a multiple; `what` names it in errors.
template <class... Parameters, class... Arguments>
void launch_in_clusters(const char* what, void (*kernel)(Parameters...), unsigned cluster, dim3 grid,
                        dim3 block, std::size_t shared_bytes, cudaStream_t stream, Arguments&&... arguments) {
  cudaLaunchAttribute shape{};
  shape.id = cudaLaunchAttributeClusterDimension;
  shape.val.clusterDim.x = cluster;
  shape.val.clusterDim.y = shape.val.clusterDim.z = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  config.attrs = &shape;
  config.numAttrs = cluster > 1 ? 1 : 0;
  cudaError_t error = allow_shared_memory(reinterpret_cast<const void*>(kernel), shared_bytes);
  if (error == cudaSuccess)
    error = detail::start(what, config, kernel, std::forward<Arguments>(arguments)...);
  if (error == cudaSuccess) return;
  cudaGetLastError();  // the exception reports it
  throw CudaError(join(what, ": grid (", grid.x, ", ", grid.y, ", ", grid.z, "), block (", block.x, ", ",
                       block.y, ", ", block.z, "), ", shared_bytes,
                       " bytes of shared memory: ", cudaGetErrorString(error)));
}

/// The same without clusters.
template <class... Parameters, class... Arguments>
void launch(const char* what, void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes,
            cudaStream_t stream, Arguments&&... arguments) {
  launch_in_clusters(what, kernel, 1, grid, block, shared_bytes, stream,
                     std::forward<Arguments>(arguments)...);
}

}  // namespace glow::kernels
