// StepQueue of a GPU: batches are copied beside the work of the step before, a step is one graph, and its
// results come back on their own.
#pragma once

#include <algorithm>

#include <glow/core/cuda/event.hpp>
#include <glow/core/cuda/pinned.hpp>
#include <glow/core/cuda/replay.hpp>
#include <glow/train/step_queue.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

template <>
class StepQueue<Cuda> {
 public:
  /// Steps that may be under way at a time: one runs while the next one's pixels are copied.
  static constexpr Index most = 2;

  /// Queues work(pixels) on the stream of the thread's context, as a graph if it may be replayed; throws
  /// Error when `most` are under way.
  template <class Work>
  void submit(std::span<const std::uint8_t> pixels, View<const StepState, Cuda> state, const Work& work,
              bool may_replay) {
    require(size() < most, "StepQueue: ", most, " steps are under way already; wait for one first");
    Slot& slot = slots_[submitted_ % most];
    if (pixels_.size() != static_cast<Index>(pixels.size())) {
      pixels_ = Tensor<std::uint8_t, Cuda>(Shape{static_cast<Index>(pixels.size())});
    }
    upload(slot, pixels);
    slot.uploaded.hold(cuda::stream());
    copy(View<const std::uint8_t, Cuda>(slot.on_device), pixels_.view());
    const auto on_device = [&] { work(View<const std::uint8_t, Cuda>(pixels_)); };
    may_replay ? replay_.run(pixels.size(), on_device) : on_device();
    cuda::check(cudaMemcpyAsync(slot.state.data(), state.data(), sizeof(StepState), cudaMemcpyDeviceToHost,
                                cuda::stream()),
                "reading a step's results");
    slot.done.record(cuda::stream());
    ++submitted_;
  }

  /// The state after the oldest step that was not yet asked for, when it is done; throws Error if there is
  /// none, and CudaError if it failed.
  StepState wait() {
    require(size() > 0, "StepQueue: there is no step to wait for");
    Slot& slot = slots_[waited_++ % most];
    slot.done.wait();
    return *slot.state.data();
  }

  /// Steps submitted and not yet waited for.
  Index size() const { return submitted_ - waited_; }

 private:
  struct Slot {
    cuda::Pinned<std::uint8_t> on_host;
    Tensor<std::uint8_t, Cuda> on_device;
    cuda::Pinned<StepState> state{1};
    cuda::Event uploaded, done;
  };

  // The slot's last step was waited for, so nothing reads its memory any more.
  void upload(Slot& slot, std::span<const std::uint8_t> pixels) {
    if (slot.on_host.size() != pixels.size()) {
      slot.on_host = cuda::Pinned<std::uint8_t>(pixels.size());
      slot.on_device = Tensor<std::uint8_t, Cuda>(Shape{static_cast<Index>(pixels.size())});
      cuda::Context::current().synchronize();  // the new memory was cleared there, not where it is filled
    }
    std::copy(pixels.begin(), pixels.end(), slot.on_host.data());
    cuda::check(cudaMemcpyAsync(slot.on_device.data(), slot.on_host.data(), pixels.size(),
                                cudaMemcpyHostToDevice, copies_.stream()),
                "copying a batch to the GPU");
    slot.uploaded.record(copies_.stream());
  }

  Slot slots_[most];
  Tensor<std::uint8_t, Cuda> pixels_;  // where the graph reads them
  cuda::Stream copies_;
  cuda::Replay replay_;
  Index submitted_ = 0, waited_ = 0;
};

/// Where memory is counted: the same buffers and a workspace as a Replay has one; every step succeeds.
template <>
class StepQueue<Counted<Cuda>> {
 public:
  template <class Work>
  void submit(std::span<const std::uint8_t> pixels, View<const StepState, Counted<Cuda>>, const Work& work,
              bool /*may_replay*/) {
    const Shape shape{static_cast<Index>(pixels.size())};
    for (auto& slot : slots_) slot = Tensor<std::uint8_t, Counted<Cuda>>(shape);
    pixels_ = Tensor<std::uint8_t, Counted<Cuda>>(shape);
    const WorkspaceScope<Counted<Cuda>> own(workspace_);
    work(View<const std::uint8_t, Counted<Cuda>>(pixels_));
  }
  StepState wait() {
    StepState s;
    s.adam.taken = true;
    return s;
  }

 private:
  Tensor<std::uint8_t, Counted<Cuda>> slots_[StepQueue<Cuda>::most], pixels_;
  Workspace<Counted<Cuda>> workspace_;
};

}  // namespace glow
