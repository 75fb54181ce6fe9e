// GpuRanks: ranks that send from the memory of one GPU to that of another.
#pragma once

#include <cstddef>
#include <span>

#include <cuda_runtime_api.h>

#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The verbs of Communicator that sums over ranks need, on memory of the GPU. They are queued on `stream`,
/// which belongs to the GPU that this rank uses, and called as those of Communicator are.
class GpuRanks {
 public:
  virtual ~GpuRanks() = default;

  /// See Communicator::exchange; data [bounds.back()], `received` of this rank's piece from every rank.
  virtual void exchange(const std::byte* data, std::span<const std::size_t> bounds, std::byte* received,
                        cudaStream_t stream) = 0;
  /// See Communicator::share; data [bounds.back()].
  virtual void share(std::byte* data, std::span<const std::size_t> bounds, cudaStream_t stream) = 0;
  /// Returns when all that was queued on `stream` is done. Throws RankError where another rank does not do
  /// its part.
  virtual void wait(cudaStream_t stream) = 0;
};

}  // namespace glow
