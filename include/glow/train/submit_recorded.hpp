// A step of training with the times of its layers.
#pragma once

#include <glow/flow/timeline_probe.hpp>
#include <glow/train/gradient_again.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Trainer::submit on pixels [N, H, W, C], where `timeline` gets the events of Trainer::record and, by
/// TimelineProbe, those of each layer. The step has the bits that it has without, and is done when this
/// returns. On a GPU, where neighbouring layers of a step are done together, the layers' events are those of
/// computing its gradient once more, before the step, within an event "gradient by layers". Throws as
/// Trainer::submit does, and Error where another step is under way.
template <class Net, class T, class D, class Optimizer, class Ranks>
void submit_recorded(Trainer<Net, T, D, Optimizer, Ranks>& trainer, Timeline& timeline,
                     std::span<const std::uint8_t> pixels, std::span<const Index> labels = {}) {
  require(trainer.under_way() == 0, "submit_recorded: a step is under way; wait for it first");
  struct Recorded {
    Trainer<Net, T, D, Optimizer, Ranks>& trainer;
    ~Recorded() { trainer.record(nullptr); }
  };
  TimelineProbe<T, D> probe(timeline);
  const auto submit = [&] {
    const Recorded recorded{trainer};
    trainer.record(&timeline);
    trainer.submit(pixels, labels);
  };
  if constexpr (D::host_memory) {
    const Listening listening(trainer.model(), probe);
    submit();
  } else {
    timed(&timeline, "gradient by layers", "layers",
          [&] { gradient_again(trainer, pixels, labels, trainer.steps() + 1, probe); });
    submit();
  }
}

}  // namespace glow
