// Measuring what happens inside a model while it is trained, see train/telemetry.hpp.
#pragma once

#include <numbers>

#include <glow/flow/timeline_probe.hpp>
#include <glow/train/telemetry_probes.hpp>
#include <glow/train/trainer.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Images that inverse errors are measured on at most, since each passes by itself.
inline constexpr Index most_telemetry_inverses = 8;

/// Measures a model on x [N, H, W, C] or [N, D], in the model's own numbers. Sets the model's gradient to
/// that of x, as Trainer::loss_gradient does, and changes nothing else: training goes on with the same bits.
/// Another probe that listens to the model listens no more. It takes about as long as three steps on x, and
/// memory besides for what a step takes. Throws Error where a step is under way, ShapeError for an x that is
/// no batch, and as the model does for another context than it needs.
template <class Net, class T, class D, class Optimizer, class Ranks>
Telemetry measure_telemetry(Trainer<Net, T, D, Optimizer, Ranks>& trainer,
                            View<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                            const std::type_identity_t<Context<T, D>>& context = {}) {
  auto& model = trainer.model();
  require(trainer.under_way() == 0, "measure_telemetry: a step is under way; wait for it first");
  model.shapes().check_batch("measure_telemetry", "x", x);
  const Index n = x.batch();
  const double bits_per_nat = 1 / (static_cast<double>(model.dimensions()) * std::numbers::ln2);
  Telemetry all;
  detail::TelemetryLayers layers(model.net(), all.layers);

  Tensor<T, D> z(x), logdet(Shape{n}), logpz(Shape{n});
  {
    // Where an observer looks on, the batch passes as one group, so that the probe may read all of `logdet`.
    detail::ValuesProbe<T, D> probe(layers, logdet.view(), bits_per_nat);
    const Listening listening(model, probe);
    model.forward(z.view(), logdet.view(), logpz.view(), typename Net::NoObserver(), context);
  }
  all.logdet_bits_per_dim = bits_per_nat * detail::mean_of<T, D>(logdet.view());
  {
    Tensor<T, D> again(View<const T, D>(z.view()));
    model.inverse(again.view(), View<T, D>(), context);
    all.round_trip_error = detail::InverseProbe<T, D>::error(x, again.view());
  }
  {
    detail::ScalesProbe<T, D> probe(layers);
    const Listening listening(model, probe);
    Tensor<T, D> dz(x.shape());
    model.backward(z.view(), dz.view(), View<T, D>(), View<T, D>(), context);
  }
  {
    Timeline times;
    TimelineProbe<T, D> probe(times);
    const Listening listening(model, probe);
    Tensor<T, D> once_more(x);
    all.bits_per_dim = trainer.loss_gradient(once_more.view(), context);
    layers.add_times(times);
  }
  all.gradient_norm = layers.add_parameters(model.parameters().entries());
  const Index few = std::min(n, most_telemetry_inverses);
  for (const InverseError& e : inverse_errors(model, x.samples(0, few), context.samples(0, few)))
    layers.add_inverse_error(e);
  return all;
}

}  // namespace glow
