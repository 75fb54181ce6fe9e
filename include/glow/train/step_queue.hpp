// StepQueue: how a device is fed with training steps. Here the host's, which takes each step at once; a GPU's
// (train/cuda/step_queue.hpp) works behind its caller.
#pragma once

#include <cstdint>
#include <span>

#include <glow/core/counted.hpp>
#include <glow/ops/step_state.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Runs steps in the order of their calls and keeps what each left in the state until it is asked for.
template <class D>
class StepQueue;

template <>
class StepQueue<Cpu> {
 public:
  /// Steps that may be under way at a time.
  static constexpr Index most = 1;

  /// Calls work(pixels), which reads them as memory of the device and leaves its results in `state` [1].
  /// `may_replay`: whether a device may do again what an earlier call of the same size did, in place of this
  /// call.
  template <class Work>
  void submit(std::span<const std::uint8_t> pixels, View<const StepState, Cpu> state, const Work& work,
              bool /*may_replay*/) {
    require(size() < most, "StepQueue: a step is under way already; wait for it first");
    work(View<const std::uint8_t, Cpu>(pixels.data(), {static_cast<Index>(pixels.size())}));
    done_ = state[0];
    under_way_ = true;
  }

  /// The state after the oldest step that was not yet asked for; throws Error if there is none.
  StepState wait() {
    require(under_way_, "StepQueue: there is no step to wait for");
    under_way_ = false;
    return done_;
  }

  /// Steps submitted and not yet waited for.
  Index size() const { return under_way_ ? 1 : 0; }

 private:
  StepState done_;
  bool under_way_ = false;
};

/// Where memory is counted: every step succeeds.
template <>
class StepQueue<Counted<Cpu>> {
 public:
  template <class Work>
  void submit(std::span<const std::uint8_t> pixels, View<const StepState, Counted<Cpu>>, const Work& work,
              bool /*may_replay*/) {
    work(View<const std::uint8_t, Counted<Cpu>>(pixels.data(), {static_cast<Index>(pixels.size())}));
  }
  StepState wait() {
    StepState s;
    s.adam.taken = true;
    return s;
  }
};

}  // namespace glow
