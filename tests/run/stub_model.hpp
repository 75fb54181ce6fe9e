// A model that does nothing, for tests of what is done with one.
#pragma once

#include <glow/runtime/any_trainer.hpp>
#include <glow/runtime/nets.hpp>

namespace glow::test {

/// Images of 2x2 pixels of one level; every verb that a test does not override gives nothing.
class StubModel : public AnyModel {
 public:
  std::string device() const override { return "cpu"; }
  std::string device_name() const override { return ""; }
  const ModelDescription& description() const override { return description_; }
  Index parameter_count() const override { return 0; }
  Index samples_at_once() const override { return 64; }
  View<float> latent(int, View<float> packed) const override { return packed; }
  View<const float> latent(int, View<const float> packed) const override { return packed; }
  Tensor<float> log_prob(View<const float>, const Context<float>&) const override { return {}; }
  LogProbGradient gradient(View<const float>, const Context<float>&) override { return {}; }
  Encoding<float> encode(View<const float>, const Context<float>&) const override { return {}; }
  Tensor<float> decode(View<const float>, const Context<float>&) const override { return {}; }
  void draw(View<float> eps, Random random, Index first) const override {
    ImageNet(architecture()).draw(eps, random, first);
  }
  Tensor<float> sample_from(View<const float>, float, const Context<float>&) const override { return {}; }
  using AnyModel::sample_pixels;
  std::vector<std::uint8_t> sample_pixels(View<const float>, float, const Context<float>&) const override {
    return {};
  }
  using AnyModel::bits_per_dim;
  std::vector<double> bits_per_dim(std::span<const std::uint8_t>, std::span<const Random>, Index,
                                   std::span<const Index>) const override {
    return {};
  }
  std::vector<Index> classify(View<const float>) const override { return {}; }
  std::vector<InverseError> inverse_errors(View<const float>, const Context<float>&) override { return {}; }
  std::string first_not_finite(View<const float>, float, const Context<float>&) override { return ""; }
  SampleDensities densities(View<const float>, float, const Context<float>&) const override { return {}; }
  SavedModel saved() const override { return {description_, {}}; }
  void set(const std::vector<NamedTensor>&) override {}
  std::unique_ptr<AnyTrainer> trainer(const TrainOptions&, const AnyRanks&) override { return nullptr; }

 protected:
  void check_context(std::string_view, const Context<float>&, Index) const override {}

 private:
  ModelDescription description_{.architecture = Architecture{.levels = 1, .depth = 1, .width = 4},
                                .sample = {2, 2, 1}};
};

}  // namespace glow::test
