// What the fake device says of itself: one with few multiprocessors, so that grids that follow their number
// stay small.
#include <cstdio>

#include <cuda_runtime_api.h>

#include "limits.hpp"
#include "runtime.hpp"
#include "settings.hpp"
#include "stream.hpp"

using namespace glow::cuda_on_cpu;

namespace {

constexpr int multiprocessors = 4;

// That a thread uses. All are alike, and share their memory.
thread_local int current_device = 0;

bool is_there(int device) { return device >= 0 && device < settings().devices; }

struct ErrorText {
  cudaError_t error;
  const char* name;
  const char* text;
};

#define GLOW_ERROR(error, text) \
  ErrorText { error, #error, text }
constexpr ErrorText error_texts[] = {
    GLOW_ERROR(cudaSuccess, "no error"),
    GLOW_ERROR(cudaErrorInvalidValue, "invalid argument"),
    GLOW_ERROR(cudaErrorMemoryAllocation, "out of memory"),
    GLOW_ERROR(cudaErrorInvalidConfiguration, "invalid configuration argument"),
    GLOW_ERROR(cudaErrorNoDevice, "no CUDA-capable device is detected"),
    GLOW_ERROR(cudaErrorInvalidDevice, "invalid device ordinal"),
    GLOW_ERROR(cudaErrorInvalidResourceHandle, "invalid resource handle"),
    GLOW_ERROR(cudaErrorIllegalState, "the operation cannot be performed in the present state"),
    GLOW_ERROR(cudaErrorNotReady, "device not ready"),
    GLOW_ERROR(cudaErrorIllegalAddress, "an illegal memory access was encountered"),
    GLOW_ERROR(cudaErrorLaunchFailure, "unspecified launch failure"),
    GLOW_ERROR(cudaErrorNotSupported, "operation not supported"),
    GLOW_ERROR(cudaErrorStreamCaptureUnsupported, "operation not permitted when stream is capturing"),
    GLOW_ERROR(cudaErrorStreamCaptureInvalidated, "operation failed due to a previous error during capture"),
    GLOW_ERROR(cudaErrorStreamCaptureMerge,
               "operation would result in a merge of separate capture sequences"),
    GLOW_ERROR(cudaErrorStreamCaptureUnmatched, "capture was not ended in the same stream as it began"),
    GLOW_ERROR(cudaErrorStreamCaptureUnjoined, "capturing stream has unjoined work"),
    GLOW_ERROR(cudaErrorStreamCaptureIsolation, "dependency created on uncaptured work in another stream"),
    GLOW_ERROR(cudaErrorStreamCaptureImplicit,
               "operation would make the legacy stream depend on a capturing stream"),
    GLOW_ERROR(cudaErrorCapturedEvent,
               "operation not permitted on an event last recorded in a capturing stream"),
};
#undef GLOW_ERROR

const ErrorText* find_text(cudaError_t error) {
  for (const ErrorText& e : error_texts) {
    if (e.error == error) return &e;
  }
  return nullptr;
}

int attribute_value(cudaDeviceAttr attribute) {
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      return static_cast<int>(max_threads);
    case cudaDevAttrMaxBlockDimX:
      return static_cast<int>(max_threads);
    case cudaDevAttrMaxBlockDimY:
      return static_cast<int>(max_threads);
    case cudaDevAttrMaxBlockDimZ:
      return static_cast<int>(max_block_z);
    case cudaDevAttrMaxGridDimX:
      return 0x7FFFFFFF;
    case cudaDevAttrMaxGridDimY:
      return static_cast<int>(max_grid_yz);
    case cudaDevAttrMaxGridDimZ:
      return static_cast<int>(max_grid_yz);
    case cudaDevAttrMaxSharedMemoryPerBlock:
      return static_cast<int>(max_static_shared);
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return static_cast<int>(max_shared());
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      return static_cast<int>(max_shared() + 1024);
    case cudaDevAttrWarpSize:
      return 32;
    case cudaDevAttrMultiProcessorCount:
      return multiprocessors;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      return 2048;
    case cudaDevAttrComputeCapabilityMajor:
      return settings().capability / 10;
    case cudaDevAttrComputeCapabilityMinor:
      return settings().capability % 10;
    case cudaDevAttrL2CacheSize:
      return 50 << 20;
    case cudaDevAttrUnifiedAddressing:
      return 1;
    case cudaDevAttrMemoryPoolsSupported:
      return 1;
    case cudaDevAttrAsyncEngineCount:
      return 2;
    default:
      return 0;
  }
}

}  // namespace

const char* cudaGetErrorName(cudaError_t error) {
  const ErrorText* e = find_text(error);
  return e != nullptr ? e->name : "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t error) {
  const ErrorText* e = find_text(error);
  return e != nullptr ? e->text : "unrecognized error code";
}

cudaError_t cudaGetDeviceCount(int* count) {
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  *count = settings().devices;
  return settings().devices == 0 ? note(cudaErrorNoDevice) : cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  GLOW_RUNTIME_CALL();
  *device = current_device;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  GLOW_RUNTIME_CALL();
  if (!is_there(device)) return note(cudaErrorInvalidDevice);
  current_device = device;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  GLOW_RUNTIME_CALL();
  if (!is_there(device)) return note(cudaErrorInvalidDevice);
  cudaDeviceProp& p = *properties;
  p = cudaDeviceProp{};
  std::snprintf(p.name, sizeof p.name, "CUDA on the CPU");
  p.totalGlobalMem = settings().memory;
  p.sharedMemPerBlock = max_static_shared;
  p.sharedMemPerBlockOptin = max_shared();
  p.sharedMemPerMultiprocessor = max_shared() + 1024;
  p.regsPerBlock = p.regsPerMultiprocessor = 65536;
  p.warpSize = 32;
  p.maxThreadsPerBlock = static_cast<int>(max_threads);
  p.maxThreadsPerMultiProcessor = 2048;
  p.maxThreadsDim[0] = p.maxThreadsDim[1] = static_cast<int>(max_threads);
  p.maxThreadsDim[2] = static_cast<int>(max_block_z);
  p.maxGridSize[0] = 0x7FFFFFFF;
  p.maxGridSize[1] = p.maxGridSize[2] = static_cast<int>(max_grid_yz);
  p.major = settings().capability / 10;
  p.minor = settings().capability % 10;
  p.multiProcessorCount = multiprocessors;
  p.l2CacheSize = attribute_value(cudaDevAttrL2CacheSize);
  p.unifiedAddressing = 1;
  p.memoryPoolsSupported = 1;
  p.asyncEngineCount = 2;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  GLOW_RUNTIME_CALL();
  if (!is_there(device)) return note(cudaErrorInvalidDevice);
  *value = attribute_value(attribute);
  return cudaSuccess;
}

cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  GLOW_RUNTIME_CALL();
  *least = 0;
  *greatest = -5;
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  GLOW_RUNTIME_CALL();
  if (const cudaError_t e = outside_capture(); e != cudaSuccess) return e;
  return finish_all();
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
