// OverlappedSum of tensors on a GPU, beside the GPU's other work: they are summed where they are by ranks
// that reach a GPU's memory; for others they are copied to the host, summed there, and copied back.
#pragma once

#include <memory>

#include <glow/core/cuda/device.hpp>
#include <glow/core/cuda/event.hpp>
#include <glow/core/cuda/pinned.hpp>
#include <glow/core/cuda/stream.hpp>
#include <glow/ranks/cuda/sum_on_gpu.hpp>
#include <glow/ranks/overlapped_sum.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

template <class T>
class OverlappedSum<T, Cuda> {
 public:
  /// Of tensors on the calling thread's GPU.
  explicit OverlappedSum(Communicator& ranks, Compression compression = Compression::none)
      : ranks_(ranks), sum_(compression), sum_on_gpu_(compression) {
    cuda::check(cudaGetDevice(&gpu_), "asking for the GPU in use");
  }

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
    cuda::check(cudaSetDevice(gpu_), "using a GPU");  // a thread begins with the machine's first
    computed.hold(stream_.stream());
    if (GpuRanks* const on_gpu = ranks_.on_gpu(); on_gpu != nullptr) {
      sum_on_gpu_(*on_gpu, ranks_.rank(), ranks_.size(), x, stream_.stream());
    } else {
      sum_on_host(x);
    }
  }

  void sum_on_host(View<T, Cuda> x) {
    const auto size = static_cast<std::size_t>(x.size());
    if (on_host_.size() < size) on_host_ = cuda::Pinned<T>(size);
    copy(on_host_.data(), x.data(), size * sizeof(T), cudaMemcpyDeviceToHost);
    sum_(ranks_, View<T>(on_host_.data(), x.shape()));
    copy(x.data(), on_host_.data(), size * sizeof(T), cudaMemcpyHostToDevice);
  }

  // Returns when it is done.
  void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    cuda::check(cudaMemcpyAsync(to, from, bytes, kind, stream_.stream()), "copying a gradient");
    cuda::check(cudaStreamSynchronize(stream_.stream()), "copying a gradient");
  }

  Communicator& ranks_;
  SumOfRanks<T> sum_;
  SumOnGpu<T> sum_on_gpu_;
  int gpu_ = 0;
  cuda::Stream stream_;
  cuda::Pinned<T> on_host_;
  Timeline* timeline_ = nullptr;
  WorkQueue queue_;
};

}  // namespace glow
