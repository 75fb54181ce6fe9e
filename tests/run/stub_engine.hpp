// An engine that does nothing, for tests of what is done with one.
#pragma once

#include "engine/engine.hpp"

namespace glow::test {

/// Images of 2x2 pixels of one level; every verb that a test does not override gives nothing.
class StubEngine : public app::Engine {
 public:
  const app::GlowNet& net() const override { return net_; }
  const Shape& image() const override { return image_; }
  std::vector<std::uint8_t> sample(View<const float>, float, std::span<const Index>) const override {
    return {};
  }
  std::string device() const override { return ""; }
  Index parameter_count() const override { return 0; }
  Tensor<float> encode(View<const float>, std::span<const Index>) const override { return {}; }
  Tensor<float> decode(View<const float>, std::span<const Index>) const override { return {}; }
  std::vector<double> bits_per_dim(std::span<const std::uint8_t>, std::span<const Random>, Index,
                                   std::span<const Index>) const override {
    return {};
  }
  std::vector<Index> classify(View<const float>) const override { return {}; }
  std::vector<InverseError> inverse_errors(View<const float>, std::span<const Index>) override { return {}; }
  std::string first_not_finite(View<const float>, float, std::span<const Index>) override { return ""; }
  app::SampleDensities densities(View<const float>, float, std::span<const Index>) const override {
    return {};
  }
  Index start_images() const override { return 1; }
  void start(std::span<const std::uint8_t>, std::span<const Index>) override {}
  void submit(std::span<const std::uint8_t>, std::span<const Index>) override {}
  void submit_recorded(Timeline&, std::span<const std::uint8_t>, std::span<const Index>) override {}
  Telemetry telemetry(std::span<const std::uint8_t>, std::span<const Random>,
                      std::span<const Index>) override {
    return {};
  }
  StepResult wait() override { return {}; }
  void follow_rank_0() override {}
  std::optional<std::string> not_finite_in_step(std::span<const std::uint8_t>, std::span<const Index>,
                                                Index) override {
    return std::nullopt;
  }
  void use_average(bool) override {}
  Index under_way() const override { return 0; }
  Index steps_ahead() const override { return 1; }
  Index steps() const override { return 0; }
  app::TrainingState state() const override { return {}; }
  void set_state(const app::TrainingState&) override {}

 private:
  app::GlowNet net_{Architecture{.levels = 1, .depth = 1, .width = 4}};
  Shape image_{2, 2, 1};
};

}  // namespace glow::test
