// AnyTrainerOn: the AnyTrainer of one net and device, by the library's own Trainer.
#pragma once

#include <glow/runtime/any_trainer.hpp>
#include <glow/train/measure_telemetry.hpp>
#include <glow/train/not_finite_in_step.hpp>
#include <glow/train/submit_recorded.hpp>

#include "host_and_device.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE::runtime {

/// See AnyTrainer.
template <class Net, class D>
class AnyTrainerOn : public AnyTrainer {
 public:
  /// `model` is what `any` is made of.
  AnyTrainerOn(AnyModel& any, Model<Net, float, D>& model, const TrainOptions& options, const AnyRanks& ranks)
      : any_(any), model_(model), trainer_(model, options, ranks) {}

  AnyModel& model() override { return any_; }

  Index start_images() const override { return model_.start_images(); }
  void start(std::span<const std::uint8_t> pixels, std::span<const Index> labels) override {
    trainer_.start(pixels, labels);
  }
  void start_on(View<const float> x, const Context<float>& context) override {
    const OnDevice<D> given(model_, context);
    const Tensor<float, D> there = to_device<D>(x);
    trainer_.start_on(there.view(), given.context());
  }

  void submit(std::span<const std::uint8_t> pixels, std::span<const Index> labels) override {
    trainer_.submit(pixels, labels);
  }
  StepResult wait() override { return trainer_.wait(); }
  Index under_way() const override { return trainer_.under_way(); }
  Index steps_ahead() const override { return StepQueue<D>::most; }
  StepResult step_on(View<const float> x, const Context<float>& context) override {
    const OnDevice<D> given(model_, context);
    const Tensor<float, D> there = to_device<D>(x);
    return trainer_.step_on(there.view(), given.context());
  }
  Index steps() const override { return trainer_.steps(); }

  void follow_rank_0() override { trainer_.follow_rank_0(); }
  std::optional<std::string> not_finite_in_step(std::span<const std::uint8_t> pixels,
                                                std::span<const Index> labels, Index step) override {
    const auto found = glow::not_finite_in_step(trainer_, pixels, labels, step);
    return found ? std::optional(found->text()) : std::nullopt;
  }
  void submit_recorded(Timeline& timeline, std::span<const std::uint8_t> pixels,
                       std::span<const Index> labels) override {
    glow::submit_recorded(trainer_, timeline, pixels, labels);
  }
  Telemetry telemetry(std::span<const std::uint8_t> pixels, std::span<const Random> noise,
                      std::span<const Index> labels) override {
    const OnDevice<D> given(model_, with_labels(labels));
    const Index n = static_cast<Index>(noise.size());
    Tensor<float, D> x(model_.batch_shape(n));
    dequantize_by_image(View<const std::uint8_t, Cpu>(pixels.data(), x.shape()), model_.domain().bits(),
                        View<const Random, Cpu>(noise.data(), {n}), x.view());
    return measure_telemetry(trainer_, x.view(), given.context());
  }

  void use_average(bool use) override {
    if (!trainer_.average().empty()) trainer_.use_average(use);
  }

  TrainingState state() const override { return state_of(model_, trainer_); }
  void set_state(const TrainingState& state) override { glow::set_state(trainer_, state); }

 private:
  AnyModel& any_;
  Model<Net, float, D>& model_;
  Trainer<Net, float, D, Adam<float, D>, AnyRanks> trainer_;
};

}  // namespace glow::runtime
