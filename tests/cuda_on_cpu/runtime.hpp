// What the files of the fake runtime share.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

#include <cuda_runtime_api.h>

namespace glow::cuda_on_cpu {

/// Held by every call of the runtime; calls from queued work come on the thread that holds it.
std::recursive_mutex& runtime_mutex();

/// Remembers an error for cudaGetLastError, and returns it.
cudaError_t note(cudaError_t error);

/// A kernel died: from now on every call fails, until reset_device().
void break_device(cudaError_t error, const std::string& report);

/// What any call must check first: cudaErrorNoDevice, or the error of a dead kernel.
cudaError_t device_state();

/// For calls that must not happen while a stream records a graph: an error then, and the recording is void.
cudaError_t outside_capture();

/// Prints to stderr what the caller did wrong, which an error code alone would not say.
void complain(const std::string& message);

// A call: the lock, and its return when the device is absent or broken.
#define GLOW_RUNTIME_CALL()                                                                  \
  const std::lock_guard<std::recursive_mutex> lock(::glow::cuda_on_cpu::runtime_mutex());    \
  if (const cudaError_t state = ::glow::cuda_on_cpu::device_state(); state != cudaSuccess) { \
    return ::glow::cuda_on_cpu::note(state);                                                 \
  }

}  // namespace glow::cuda_on_cpu
