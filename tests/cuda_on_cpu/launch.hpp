// The launch of a kernel: what nvcc's cudaLaunchKernelEx is in device code.
#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include <cuda_runtime_api.h>

namespace glow::cuda_on_cpu {

struct Launch {
  const char* what = "";
  const void* kernel = nullptr;
  cudaLaunchConfig_t config{};
  std::shared_ptr<const void> arguments;
  void (*body)(const void* arguments) = nullptr;
};

/// Checks the limits and queues the grid on its stream.
cudaError_t launch(Launch launch);

/// An error, with its message, unless p is null or lies in memory that the device can reach.
cudaError_t check_pointer(const char* what, const void* p);

template <class... Parameters, class... Arguments>
cudaError_t launch_kernel(const char* what, const cudaLaunchConfig_t& config, void (*kernel)(Parameters...),
                          Arguments&&... arguments) {
  using Call = std::tuple<void (*)(Parameters...), Parameters...>;
  const auto call = std::make_shared<const Call>(kernel, std::forward<Arguments>(arguments)...);
  cudaError_t error = cudaSuccess;
  std::apply(
      [&](auto, const auto&... a) {
        const auto check = [&]<class P>(const P& p) {
          if constexpr (std::is_pointer_v<P>) {
            if (error == cudaSuccess) error = check_pointer(what, p);
          }
        };
        (check(a), ...);
      },
      *call);
  if (error != cudaSuccess) return error;
  Launch l;
  l.what = what;
  l.kernel = reinterpret_cast<const void*>(kernel);
  l.config = config;
  l.arguments = call;
  l.body = [](const void* p) {
    std::apply([](auto run, const auto&... a) { run(a...); }, *static_cast<const Call*>(p));
  };
  return launch(std::move(l));
}

}  // namespace glow::cuda_on_cpu

// What cuda_runtime.h gives to nvcc only.

template <class... Parameters>
cudaError_t cudaFuncSetAttribute(void (*kernel)(Parameters...), cudaFuncAttribute attribute, int value) {
  return cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), attribute, value);
}

template <class... Parameters>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*kernel)(Parameters...)) {
  return cudaFuncGetAttributes(attributes, reinterpret_cast<const void*>(kernel));
}

template <class... Parameters>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void (*kernel)(Parameters...),
                                                          int threads, std::size_t shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, reinterpret_cast<const void*>(kernel), threads,
                                                       shared);
}
