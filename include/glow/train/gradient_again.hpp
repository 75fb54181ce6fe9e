// The loss and gradient of a step once more, for a probe.
#pragma once

#include <span>

#include <glow/flow/listening.hpp>
#include <glow/train/trainer.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Computes the loss and gradient of step number `step` on pixels [N, H, W, C], with its noise and the
/// parameters as they are now, while `probe` listens; the step is not taken. Another probe that listens to
/// the model listens no more. No step may be under way.
template <class Net, class T, class D, class Optimizer, class Ranks>
void gradient_again(Trainer<Net, T, D, Optimizer, Ranks>& trainer, std::span<const std::uint8_t> pixels,
                    std::span<const Index> labels, Index step, Probe<T, D>& probe) {
  auto& model = trainer.model();
  const Shape shape = model.batch_shape(static_cast<Index>(pixels.size()) / model.dimensions());
  Tensor<T, D> x(shape);
  dequantize(View<const std::uint8_t, Cpu>(pixels.data(), shape), model.domain().bits(),
             trainer.rule().noise(step), x.view());
  const Tensor<Index, D> of_images = labels.empty() ? Tensor<Index, D>() : model.labels(labels);
  const Listening listening(model, probe);
  trainer.loss_gradient(
      x.view(), {.labels = labels.empty() ? View<const Index, D>() : View<const Index, D>(of_images)});
}

}  // namespace glow
