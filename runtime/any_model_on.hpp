// AnyModelOn: the AnyModel of one net and device, by the library's own Model.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include <glow/flow/first_not_finite.hpp>
#include <glow/flow/listening.hpp>
#include <glow/runtime/any_model.hpp>
#include <glow/train/evaluate.hpp>

#include "any_trainer_on.hpp"
#include "host_and_device.hpp"
#include "sample_densities.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE::runtime {

/// See AnyModel.
template <class Net, class D>
class AnyModelOn : public AnyModel {
 public:
  AnyModelOn(std::string device, std::string device_name, ModelDescription description,
             std::optional<std::uint64_t> seed)
      : device_(std::move(device)),
        device_name_(std::move(device_name)),
        description_(std::move(description)),
        model_(*description_.architecture, description_.sample, description_.domain, seed) {}

  std::string device() const override { return device_; }
  std::string device_name() const override { return device_name_; }
  const ModelDescription& description() const override { return description_; }
  Index parameter_count() const override { return model_.parameters().values().size(); }
  View<float> latent(int l, View<float> packed) const override { return latent_of(l, packed); }
  View<const float> latent(int l, View<const float> packed) const override { return latent_of(l, packed); }

  Tensor<float> log_prob(View<const float> x, const Context<float>& context) const override {
    auto e = encoding_on_device(x, context);
    add(e.logdet.view(), e.logpz.view());
    glow::detail::require_finite<float, D>(e.logpz.view(), "log p(x) of the samples");
    return on_host<D>(e.logpz.view());
  }

  LogProbGradient gradient(View<const float> x, const Context<float>& context) override {
    check("gradient", "x", x);
    const OnDevice<D> given(model_, context);
    const Tensor<float, D> there = to_device<D>(x);
    auto e = model_.encode(there.view(), given.context());
    Tensor<float, D> dz(x.shape()), ones(Shape{x.batch()});
    Tensor<float, D> d_features(context.features.empty() ? Shape{0} : context.features.shape());
    fill(ones.view(), 1.0f);
    Context<float, D> wanted = given.context();
    if (d_features.size() > 0) wanted.d_features = d_features.view();
    // What the parameters' gradient is meanwhile is nobody's.
    model_.backward(e.latents.view(), dz.view(), ones.view(), ones.view(), wanted);
    add(e.logdet.view(), e.logpz.view());
    glow::detail::require_finite<float, D>(dz.view(), "the gradients of log p(x)");
    return {on_host<D>(e.logpz.view()), on_host<D>(dz.view()), on_host<D>(d_features.view())};
  }

  Encoding<float> encode(View<const float> x, const Context<float>& context) const override {
    const auto e = encoding_on_device(x, context);
    return {on_host<D>(e.latents.view()), on_host<D>(e.logdet.view()), on_host<D>(e.logpz.view())};
  }

  Tensor<float> decode(View<const float> latents, const Context<float>& context) const override {
    check("decode", "latents", latents);
    const OnDevice<D> given(model_, context);
    Tensor<float, D> z = to_device<D>(latents);
    model_.inverse(z.view(), View<float, D>(), given.context());
    glow::detail::require_finite<float, D>(z.view(), "the samples of the latents");
    return on_host<D>(z.view());
  }

  void draw(View<float> eps, Random random, Index first) const override {
    check("draw", "eps", eps);
    model_.net().draw(eps, random, first);
  }

  Tensor<float> sample_from(View<const float> eps, float temperature,
                            const Context<float>& context) const override {
    check("sample_from", "eps", eps);
    const OnDevice<D> given(model_, context);
    Tensor<float, D> x = to_device<D>(eps);
    model_.sample_from(x.view(), temperature, given.context());
    glow::detail::require_finite<float, D>(x.view(), "the model's samples");
    return on_host<D>(x.view());
  }

  using AnyModel::sample_pixels;
  std::vector<std::uint8_t> sample_pixels(View<const float> eps, float temperature,
                                          const Context<float>& context) const override {
    check("sample_pixels", "eps", eps);
    const int bits = model_.domain().bits();
    const OnDevice<D> given(model_, context);
    const Scratch<float, D> there(eps.shape()), x(model_.input_shape(eps.batch()));
    transfer(eps, there.view());
    model_.sample_into(there.view(), x.view(), temperature, given.context());
    glow::detail::require_finite<float, D>(x.view(), "the model's samples");
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(eps.size()));
    ops::quantize<float>(x.view(), bits, View<std::uint8_t>(pixels.data(), eps.shape()));
    return pixels;
  }

  using AnyModel::bits_per_dim;
  std::vector<double> bits_per_dim(std::span<const std::uint8_t> pixels, std::span<const Random> noise,
                                   Index batch, std::span<const Index> labels) const override {
    const auto bits = glow::bits_per_dim(model_, pixels, noise, batch, labels);
    const auto bad = std::find_if_not(bits.begin(), bits.end(), [](double b) { return std::isfinite(b); });
    require<NumericError>(bad == bits.end(), "the likelihood of an image is not finite (",
                          bad == bits.end() ? 0 : *bad, " bits/dim)");
    return bits;
  }

  std::vector<Index> classify(View<const float> latents) const override {
    require(model_.net().labels().has_value(), "classify: this model has no classes");
    check("classify", "latents", latents);
    const Scratch<float, D> logits(Shape{latents.batch(), model_.net().labels()->classes()});
    Tensor<float, D> z = to_device<D>(latents);
    model_.classify(z.view(), logits.view());
    const Tensor<float> scores = on_host<D>(logits.view());
    const Index classes = scores.shape().back();
    std::vector<Index> found;
    for (const float* row = scores.data(); row != scores.data() + scores.size(); row += classes)
      found.push_back(std::max_element(row, row + classes) - row);
    return found;
  }

  std::vector<InverseError> inverse_errors(View<const float> x, const Context<float>& context) override {
    check("inverse_errors", "x", x);
    const OnDevice<D> given(model_, context);
    const Tensor<float, D> there = to_device<D>(x);
    return glow::inverse_errors(model_, there.view(), given.context());
  }

  std::string first_not_finite(View<const float> eps, float temperature,
                               const Context<float>& context) override {
    check("first_not_finite", "eps", eps);
    const OnDevice<D> given(model_, context);
    Tensor<float, D> there = to_device<D>(eps);
    FirstNotFinite<float, D> probe;
    const Listening listening(model_, probe);
    model_.sample_from(there.view(), temperature, given.context());
    return probe.place();
  }

  SampleDensities densities(View<const float> eps, float temperature,
                            const Context<float>& context) const override {
    check("densities", "eps", eps);
    const OnDevice<D> given(model_, context);
    return sample_densities(model_, eps, temperature, given.context());
  }

  SavedModel saved() const override { return {description_, tensors_of(model_)}; }
  void set(const std::vector<NamedTensor>& tensors) override { set_tensors(model_, tensors); }

  std::unique_ptr<AnyTrainer> trainer(const TrainOptions& options, const AnyRanks& ranks) override {
    return std::make_unique<AnyTrainerOn<Net, D>>(*this, model_, options, ranks);
  }

 private:
  template <class Number>
  View<Number> latent_of(int l, View<Number> packed) const {
    check("latent", "packed", packed);
    require<ShapeError>(l >= 1 && l <= levels(), "Model::latent: level ", l, " must be 1 to ", levels());
    return model_.net().latent(l, packed);
  }

  Encoding<float, D> encoding_on_device(View<const float> x, const Context<float>& context) const {
    check("encode", "x", x);
    const OnDevice<D> given(model_, context);
    const Tensor<float, D> there = to_device<D>(x);
    auto e = model_.encode(there.view(), given.context());
    if (glow::detail::are_finite<float, D>(e.latents.view())) return e;
    for (int l = 1; l <= levels(); ++l)  // packed, the samples lie level by level
      glow::detail::require_finite<float, D>(model_.net().latent(l, e.latents.view()),
                                             "the latents of the samples");
    return e;
  }

  // Before anything is moved to the device.
  template <class Number>
  void check(std::string_view verb, std::string_view name, View<Number> x) const {
    model_.shapes().check_batch(verb, name, x);
  }

  std::string device_, device_name_;
  ModelDescription description_;
  Model<Net, float, D> model_;
};

}  // namespace glow::runtime
