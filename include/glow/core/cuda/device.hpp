// The tag of NVIDIA GPUs, and copies between them and the host. A GPU's work is queued on the stream of the
// calling thread's context (core/cuda/context.hpp) and runs in the order of its calls; only `transfer` waits.
#pragma once

#include <glow/core/cuda/context.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {
namespace ops {

/// The current NVIDIA GPU: memory that host code cannot reach.
struct Cuda {
  static constexpr bool host_memory = false;
  /// Bytes: what cudaMalloc promises. cuBLAS may choose another product, with other bits, for less.
  static constexpr std::size_t alignment = 256;

  /// Throws CudaError, saying how much was asked for and how much is free.
  static void* allocate(std::size_t bytes) {
    void* p = nullptr;
    const cudaError_t status = cudaMalloc(&p, bytes);
    if (status == cudaErrorMemoryAllocation) {
      cudaGetLastError();  // the next call shall not see it
      std::size_t free = 0, all = 0;
      cudaMemGetInfo(&free, &all);
      constexpr double gib = 1 << 30;
      throw CudaError(join("CUDA: out of memory: ", static_cast<double>(bytes) / gib, " GiB asked for, ",
                           static_cast<double>(free) / gib, " of ", static_cast<double>(all) / gib,
                           " GiB free; a smaller batch needs less"));
    }
    cuda::check(status, "allocating memory");
    return p;
  }
  static void deallocate(void* p) noexcept { cudaFree(p); }
  static void copy(void* to, const void* from, std::size_t bytes) {
    if (bytes == 0) return;
    cuda::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, cuda::stream()), "copying");
  }
  static void clear(void* p, std::size_t bytes) {
    if (bytes > 0) cuda::check(cudaMemsetAsync(p, 0, bytes, cuda::stream()), "clearing");
  }
};

/// Returns when the GPU has done all that the calling thread asked of it; throws CudaError if any of it
/// failed.
inline void synchronize(Cuda) { cuda::Context::current().synchronize(); }

/// Bytes of the GPU that libraries take for themselves.
inline std::size_t library_bytes(Cuda) { return cuda::Context::workspace_bytes; }

/// Host to GPU and back; returns when the elements have arrived. Throws ShapeError if the shapes differ.
template <class T>
void transfer(View<const std::type_identity_t<T>, Cpu> from, View<T, Cuda> to) {
  require<ShapeError>(from.shape() == to.shape(), "transfer: ", from.shape(), " into ", to.shape());
  cuda::check(cudaMemcpyAsync(to.data(), from.data(), static_cast<std::size_t>(from.size()) * sizeof(T),
                              cudaMemcpyHostToDevice, cuda::stream()),
              "copying to the GPU");
  cuda::Context::current().synchronize();
}
template <class T>
void transfer(View<const std::type_identity_t<T>, Cuda> from, View<T, Cpu> to) {
  require<ShapeError>(from.shape() == to.shape(), "transfer: ", from.shape(), " into ", to.shape());
  cuda::check(cudaMemcpyAsync(to.data(), from.data(), static_cast<std::size_t>(from.size()) * sizeof(T),
                              cudaMemcpyDeviceToHost, cuda::stream()),
              "copying from the GPU");
  cuda::Context::current().synchronize();
}

}  // namespace ops

using ops::Cuda;
using ops::transfer;

}  // namespace glow
