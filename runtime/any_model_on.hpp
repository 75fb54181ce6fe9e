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
#include "in_parts.hpp"
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

  Index samples_at_once() const override { return runtime::samples_at_once(D(), sample_shape().size()); }

  Tensor<float> log_prob(View<const float> x, const Context<float>& context) const override {
    check("log_prob", "x", x, context);
    Tensor<float> log_p(Shape{x.batch()});
    in_parts(x.batch(), [&](ImageRange i) {
      auto e = encoding_on_device(x, context, i);
      add(e.logdet.view(), e.logpz.view());
      glow::detail::require_finite<float, D>(e.logpz.view(), "log p(x) of the samples", i.first);
      transfer(e.logpz.view(), i.of(log_p.view()));
    });
    return log_p;
  }

  LogProbGradient gradient(View<const float> x, const Context<float>& context) override {
    check("gradient", "x", x, context);
    LogProbGradient all{Tensor<float>(Shape{x.batch()}), Tensor<float>(x.shape()),
                        Tensor<float>(context.features.empty() ? Shape{0} : context.features.shape())};
    in_parts(x.batch(), [&](ImageRange i) {
      const OnDevice<D> given(model_, context.samples(i.first, i.count));
      const Tensor<float, D> there = to_device<D>(i.of(x));
      Context<float, D> of_part = given.context();
      auto e = model_.encode(there.view(), of_part);
      Tensor<float, D> dz(there.shape()), ones(Shape{i.count});
      Tensor<float, D> d_features(all.features.size() > 0 ? context.features.shape().with_batch(i.count)
                                                          : Shape{0});
      fill(ones.view(), 1.0f);
      if (d_features.size() > 0) of_part.d_features = d_features.view();
      // What the parameters' gradient is meanwhile is nobody's.
      model_.backward(e.latents.view(), dz.view(), ones.view(), ones.view(), of_part);
      add(e.logdet.view(), e.logpz.view());
      glow::detail::require_finite<float, D>(dz.view(), "the gradients of log p(x)", i.first);
      transfer(e.logpz.view(), i.of(all.log_p.view()));
      transfer(dz.view(), i.of(all.x.view()));
      if (d_features.size() > 0) transfer(d_features.view(), i.of(all.features.view()));
    });
    return all;
  }

  Encoding<float> encode(View<const float> x, const Context<float>& context) const override {
    check("encode", "x", x, context);
    const Shape n{x.batch()};
    Encoding<float> all{Tensor<float>(x.shape()), Tensor<float>(n), Tensor<float>(n)};
    in_parts(x.batch(), [&](ImageRange i) {
      const auto e = encoding_on_device(x, context, i);
      packed_to_host<D>(model_.net(), e.latents.view(), i, all.latents.view());
      transfer(e.logdet.view(), i.of(all.logdet.view()));
      transfer(e.logpz.view(), i.of(all.logpz.view()));
    });
    return all;
  }

  Tensor<float> decode(View<const float> latents, const Context<float>& context) const override {
    check("decode", "latents", latents, context);
    Tensor<float> x(latents.shape());
    in_parts(x.batch(), [&](ImageRange i) {
      const OnDevice<D> given(model_, context.samples(i.first, i.count));
      Tensor<float, D> z = packed_to_device<D>(model_.net(), latents, i);
      model_.inverse(z.view(), View<float, D>(), given.context());
      glow::detail::require_finite<float, D>(z.view(), "the samples of the latents", i.first);
      transfer(z.view(), i.of(x.view()));
    });
    return x;
  }

  void draw(View<float> eps, Random random, Index first) const override {
    model_.shapes().check_batch("draw", "eps", eps);
    model_.net().draw(eps, random, first);
  }

  Tensor<float> sample_from(View<const float> eps, float temperature,
                            const Context<float>& context) const override {
    check("sample_from", "eps", eps, context);
    Tensor<float> x(eps.shape());
    sample_in_parts(eps, temperature, context,
                    [&](ImageRange i, View<const float, D> part, View<float, D> spent) {
                      model_.leave(part, spent);
                      transfer(spent, i.of(x.view()));
                    });
    return x;
  }

  using AnyModel::sample_pixels;
  std::vector<std::uint8_t> sample_pixels(View<const float> eps, float temperature,
                                          const Context<float>& context) const override {
    check("sample_pixels", "eps", eps, context);
    const int bits = model_.domain().bits();
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(eps.size()));
    const View<std::uint8_t> all(pixels.data(), eps.shape());
    sample_in_parts(eps, temperature, context, [&](ImageRange i, View<const float, D> part, View<float, D>) {
      ops::quantize<float>(part, bits, i.of(all));
    });
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
    model_.shapes().check_batch("classify", "latents", latents);
    const Index classes = model_.net().labels()->classes();
    std::vector<Index> found;
    in_parts(latents.batch(), [&](ImageRange i) {
      const Scratch<float, D> logits(Shape{i.count, classes});
      Tensor<float, D> z = packed_to_device<D>(model_.net(), latents, i);
      model_.classify(z.view(), logits.view());
      const Tensor<float> scores = on_host<D>(logits.view());
      for (const float* row = scores.data(); row != scores.data() + scores.size(); row += classes)
        found.push_back(std::max_element(row, row + classes) - row);
    });
    return found;
  }

  std::vector<InverseError> inverse_errors(View<const float> x, const Context<float>& context) override {
    check("inverse_errors", "x", x, context);
    const OnDevice<D> given(model_, context);
    const Tensor<float, D> there = to_device<D>(x);
    return glow::inverse_errors(model_, there.view(), given.context());
  }

  std::string first_not_finite(View<const float> eps, float temperature,
                               const Context<float>& context) override {
    check("first_not_finite", "eps", eps, context);
    const OnDevice<D> given(model_, context);
    Tensor<float, D> there = to_device<D>(eps);
    FirstNotFinite<float, D> probe;
    const Listening listening(model_, probe);
    model_.sample_from(there.view(), temperature, given.context());
    return probe.place();
  }

  SampleDensities densities(View<const float> eps, float temperature,
                            const Context<float>& context) const override {
    check("densities", "eps", eps, context);
    const OnDevice<D> given(model_, context);
    return sample_densities(model_, eps, temperature, given.context());
  }

  SavedModel saved() const override { return {description_, tensors_of(model_)}; }
  void set(const std::vector<NamedTensor>& tensors) override { set_tensors(model_, tensors); }

  std::unique_ptr<AnyTrainer> trainer(const TrainOptions& options, const AnyRanks& ranks) override {
    return std::make_unique<AnyTrainerOn<Net, D>>(*this, model_, options, ranks);
  }

 protected:
  void check_context(std::string_view verb, const Context<float>& context, Index n) const override {
    if (!context.labels.empty())
      model_.check_labels({context.labels.data(), static_cast<std::size_t>(context.labels.size())});
    glow::check_context(model_.net(), verb, context, n);
  }

 private:
  template <class Number>
  View<Number> latent_of(int l, View<Number> packed) const {
    model_.shapes().check_batch("latent", "packed", packed);
    require<ShapeError>(l >= 1 && l <= levels(), "Model::latent: level ", l, " must be 1 to ", levels());
    return model_.net().latent(l, packed);
  }

  template <class F>
  void in_parts(Index batch, F fn) const {
    runtime::in_parts(batch, samples_at_once(), fn);
  }

  // Of the samples i of x, whose context is that of all.
  Encoding<float, D> encoding_on_device(View<const float> x, const Context<float>& context,
                                        ImageRange i) const {
    const OnDevice<D> given(model_, context.samples(i.first, i.count));
    const Tensor<float, D> there = to_device<D>(i.of(x));
    auto e = model_.encode(there.view(), given.context());
    if (glow::detail::are_finite<float, D>(e.latents.view())) return e;
    for (int l = 1; l <= levels(); ++l)  // packed, the samples lie level by level
      glow::detail::require_finite<float, D>(model_.net().latent(l, e.latents.view()),
                                             "the latents of the samples", i.first);
    return e;
  }

  // Hands the samples of packed draws, all finite and of input_shape, to take(part, samples, spent draws).
  template <class F>
  void sample_in_parts(View<const float> eps, float temperature, const Context<float>& context,
                       F take) const {
    in_parts(eps.batch(), [&](ImageRange i) {
      const OnDevice<D> given(model_, context.samples(i.first, i.count));
      Tensor<float, D> there = packed_to_device<D>(model_.net(), eps, i);
      const Scratch<float, D> x(model_.input_shape(i.count));
      model_.sample_into(there.view(), x.view(), temperature, given.context());
      glow::detail::require_finite<float, D>(x.view(), "the model's samples", i.first);
      take(i, x.view(), there.view());
    });
  }

  // Before anything is moved to the device.
  void check(std::string_view verb, std::string_view name, View<const float> x,
             const Context<float>& context) const {
    model_.shapes().check_batch(verb, name, x);
    check_context(verb, context, x.batch());
  }

  std::string device_, device_name_;
  ModelDescription description_;
  Model<Net, float, D> model_;
};

}  // namespace glow::runtime
