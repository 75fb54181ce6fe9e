// OverlappedSum of tensors on a GPU: they are copied to the host, summed there, and copied back, all beside
// the GPU's work.
#pragma once

#include <memory>

#include <glow/core/cuda/device.hpp>
#include <glow/core/cuda/event.hpp>
#include <glow/core/cuda/pinned.hpp>
#include <glow/core/cuda/stream.hpp>
#include <glow/ranks/overlapped_sum.hpp>

namespace glow {

template <class T>
class OverlappedSum<T, Cuda> {
 public:
  explicit OverlappedSum(Communicator& ranks, Compression compression = Compression::none)
      : ranks_(ranks), sum_(compression) {}

  /// x, as the work queued so far leaves it, becomes the sum of all ranks' x.
  void begin(View<T, Cuda> x) {
    const auto computed = std::make_shared<cuda::Event>();
    computed->record(cuda::stream());
    queue_.push([this, x, computed] { timed(timeline_, "sum", "ranks", [&] { sum(x, *computed); }); });
  }
  void finish() { queue_.finish(); }
  void record(Timeline* timeline) { timeline_ = timeline; }

 private:
  void sum(View<T, Cuda> x, const cuda::Event& computed) {
    const auto bytes = static_cast<std::size_t>(x.size()) * sizeof(T);
    if (on_host_.size() < static_cast<std::size_t>(x.size()))
      on_host_ = cuda::Pinned<T>(static_cast<std::size_t>(x.size()));
    computed.hold(copies_.stream());
    copy(on_host_.data(), x.data(), bytes, cudaMemcpyDeviceToHost);
    sum_(ranks_, View<T>(on_host_.data(), x.shape()));
    copy(x.data(), on_host_.data(), bytes, cudaMemcpyHostToDevice);
  }

  // Returns when it is done.
  void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    cuda::check(cudaMemcpyAsync(to, from, bytes, kind, copies_.stream()), "copying a gradient");
    cuda::check(cudaStreamSynchronize(copies_.stream()), "copying a gradient");
  }

  Communicator& ranks_;
  SumOfRanks<T> sum_;
  cuda::Stream copies_;
  cuda::Pinned<T> on_host_;
  Timeline* timeline_ = nullptr;
  WorkQueue queue_;
};

}  // namespace glow
