// A queue of work on a GPU.
#pragma once

#include <glow/core/cuda/check.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

/// A stream that is independent of the legacy default stream.
class Stream {
 public:
  /// Throws CudaError where no GPU works.
  Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "making a stream"); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { cudaStreamDestroy(stream_); }

  cudaStream_t stream() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

}  // namespace glow::cuda
