// A point in a stream's work, to wait for on the host or in another stream.
#pragma once

#include <glow/core/cuda/check.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

/// A point in a stream's work; before its first `record`, waiting for it returns at once.
class Event {
 public:
  Event() { check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming), "making an event"); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }

  /// All that was queued on `stream` up to now.
  void record(cudaStream_t stream) { check(cudaEventRecord(event_, stream), "recording an event"); }
  /// What is queued on `stream` from now on starts after this point.
  void hold(cudaStream_t stream) const { check(cudaStreamWaitEvent(stream, event_, 0), "holding a stream"); }
  /// Returns when the point is reached; throws CudaError if work before it failed.
  void wait() const { check(cudaEventSynchronize(event_), "waiting for an event"); }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace glow::cuda
