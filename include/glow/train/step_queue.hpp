// StepQueue: how a device is fed with training steps. Here the host's, which takes each step at once; a GPU's
// (train/cuda/step_queue.hpp) works behind its caller.
#pragma once

#include <cstdint>
#include <deque>
#include <span>

#include <glow/core/tensor.hpp>
#include <glow/train/step_state.hpp>

namespace glow {

/// Runs steps in the order of their calls and keeps what each left in the state until it is asked for.
template <class D>
class StepQueue;

template <>
class StepQueue<Cpu> {
 public:
  /// Calls work(pixels), which reads them as memory of the device and leaves its results in `state` [1].
  template <class Work>
  void submit(std::span<const std::uint8_t> pixels, View<const StepState, Cpu> state, Work work) {
    work(View<const std::uint8_t, Cpu>(pixels.data(), {static_cast<Index>(pixels.size())}));
    done_.push_back(state[0]);
  }

  /// The state after the oldest step that was not yet asked for; throws Error if there is none.
  StepState wait() {
    require(!done_.empty(), "StepQueue: there is no step to wait for");
    const StepState state = done_.front();
    done_.pop_front();
    return state;
  }

  /// Steps submitted and not yet waited for.
  Index size() const { return static_cast<Index>(done_.size()); }

 private:
  std::deque<StepState> done_;
};

}  // namespace glow
