// EngineOn<D>: the engine of one device, by the library's own model and trainer.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include <glow/flow/first_not_finite.hpp>
#include <glow/flow/listening.hpp>
#include <glow/train/evaluate.hpp>
#include <glow/train/measure_telemetry.hpp>
#include <glow/train/not_finite_in_step.hpp>
#include <glow/train/submit_recorded.hpp>

#include "engine/engine.hpp"

namespace glow::app {

/// The engine of device D.
template <class D>
class EngineOn : public Engine {
 public:
  EngineOn(std::string device, const Architecture& architecture, const Shape& image, Pixels pixels,
           const TrainOptions& options, std::optional<std::uint64_t> seed, const AnyRanks& ranks)
      : device_(std::move(device)),
        model_(architecture, image, pixels, seed),
        trainer_(model_, options, ranks) {}

  std::string device() const override { return device_; }
  const GlowNet& net() const override { return model_.net(); }
  const Shape& image() const override { return model_.sample_shape(); }
  Index parameter_count() const override { return model_.parameters().values().size(); }

  std::vector<std::uint8_t> sample(View<const float> eps, float temperature,
                                   std::span<const Index> labels) const override {
    const Tensor<Index, D> of_images = on_device(labels);
    const Scratch<float, D> there(eps.shape()), x(model_.input_shape(eps.batch()));
    transfer(eps, there.view());
    model_.sample_into(there.view(), x.view(), temperature, {.labels = of_images});
    require_finite(x.view(), "the model's samples");
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(eps.size()));
    ops::quantize<float>(x.view(), model_.domain().bits(), View<std::uint8_t>(pixels.data(), eps.shape()));
    return pixels;
  }
  Tensor<float> encode(View<const float> x, std::span<const Index> labels) const override {
    const Tensor<Index, D> of_images = on_device(labels);
    return through(x, "the latents of the images", [&](View<float, D> z) {
      model_.forward(z, View<float, D>(), View<float, D>(), {.labels = of_images});
    });
  }
  Tensor<float> decode(View<const float> latents, std::span<const Index> labels) const override {
    const Tensor<Index, D> of_images = on_device(labels);
    return through(latents, "the images of the latents",
                   [&](View<float, D> z) { model_.inverse(z, View<float, D>(), {.labels = of_images}); });
  }
  std::vector<double> bits_per_dim(std::span<const std::uint8_t> pixels, std::span<const Random> noise,
                                   Index batch, std::span<const Index> labels) const override {
    const auto bits = glow::bits_per_dim(model_, pixels, noise, batch, labels);
    const auto bad = std::find_if_not(bits.begin(), bits.end(), [](double b) { return std::isfinite(b); });
    require<NumericError>(bad == bits.end(), "the likelihood of an image is not finite (",
                          bad == bits.end() ? 0 : *bad, " bits/dim)");
    return bits;
  }

  std::vector<Index> classify(View<const float> latents) const override {
    require(net().labels().has_value(), "classify: this model has no classes");
    const Scratch<float, D> z(latents.shape()), logits(Shape{latents.batch(), net().labels()->classes()});
    transfer(latents, z.view());
    model_.classify(z.view(), logits.view());
    const Tensor<float> scores = on_host(logits.view());
    const Index classes = scores.shape().back();
    std::vector<Index> found;
    for (const float* row = scores.data(); row != scores.data() + scores.size(); row += classes)
      found.push_back(std::max_element(row, row + classes) - row);
    return found;
  }

  std::vector<InverseError> inverse_errors(View<const float> x, std::span<const Index> labels) override {
    const Tensor<Index, D> of_images = on_device(labels);
    const Tensor<float, D> there = to_device(x);
    return glow::inverse_errors(model_, there.view(), {.labels = of_images});
  }

  std::string first_not_finite(View<const float> eps, float temperature,
                               std::span<const Index> labels) override {
    const Tensor<Index, D> of_images = on_device(labels);
    Tensor<float, D> there = to_device(eps);
    FirstNotFinite<float, D> probe;
    const Listening listening(model_, probe);
    model_.sample_from(there.view(), temperature, {.labels = of_images});
    return probe.place();
  }

  SampleDensities densities(View<const float> eps, float temperature,
                            std::span<const Index> labels) const override {
    const Tensor<Index, D> of_images = on_device(labels);
    const Context<float, D> context{.labels = of_images};
    const Index n = eps.batch();
    Tensor<float, D> x = to_device(eps), logdet(Shape{n}), logpz(Shape{n}), back(Shape{n});
    model_.sample_from(x.view(), temperature, context);
    SampleDensities all;
    const Tensor<float> samples = on_host(x.view());
    for (Index i = 0; i < n; ++i) all.largest.push_back(largest_of(samples.samples(i, 1)));
    std::vector<double> log_sigma(static_cast<std::size_t>(n));
    const auto add_log_sigma = [&](int, View<float, D>, View<float, D> prior) {
      if (!prior.empty()) add_deviations(on_host(prior), log_sigma);
    };
    model_.forward(x.view(), logdet.view(), logpz.view(), add_log_sigma, context);
    model_.inverse(x.view(), back.view(), context);  // -= log|det dz/dx|
    const Tensor<float> forth = on_host(logdet.view()), log_p = on_host(logpz.view());
    const Tensor<float> inverse = on_host(back.view());
    for (Index i = 0; i < n; ++i) {
      const double t = temperature, squares = t * t * squares_of(eps, i);
      const double constant = static_cast<double>(eps.size() / n) * std::log(2 * std::numbers::pi);
      const double log_p_z = -(squares + constant) / 2 - log_sigma[static_cast<std::size_t>(i)];
      all.encoded.push_back(static_cast<double>(forth[i]) + static_cast<double>(log_p[i]));
      all.drawn.push_back(log_p_z - static_cast<double>(inverse[i]));
    }
    return all;
  }

  Index start_images() const override { return model_.start_images(); }
  void start(std::span<const std::uint8_t> pixels, std::span<const Index> labels) override {
    trainer_.start(pixels, labels);
  }
  void submit(std::span<const std::uint8_t> pixels, std::span<const Index> labels) override {
    trainer_.submit(pixels, labels);
  }
  StepResult wait() override { return trainer_.wait(); }
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
    const Tensor<Index, D> of_images = on_device(labels);
    const Index n = static_cast<Index>(noise.size());
    Tensor<float, D> x(model_.batch_shape(n));
    dequantize_by_image(View<const std::uint8_t, Cpu>(pixels.data(), x.shape()), model_.domain().bits(),
                        View<const Random, Cpu>(noise.data(), {n}), x.view());
    return measure_telemetry(trainer_, x.view(), {.labels = of_images});
  }
  Index under_way() const override { return trainer_.under_way(); }
  Index steps_ahead() const override { return StepQueue<D>::most; }
  Index steps() const override { return trainer_.steps(); }

  void use_average(bool use) override {
    if (!trainer_.average().empty()) trainer_.use_average(use);
  }

  TrainingState state() const override {
    TrainingState s;
    for (const auto& e : model_.parameters().entries()) {
      if (e.role != Role::derived) s.tensors.push_back({e.name, on_host(e.value)});
      if (is_trainable(e.role) && !trainer_.average().empty())
        s.averages.push_back({e.name, on_host(part_of(trainer_.average(), e))});
    }
    s.first_moment = on_host(trainer_.optimizer().first_moment());
    s.second_moment = on_host(trainer_.optimizer().second_moment());
    s.steps = trainer_.steps();
    s.taken_steps = trainer_.taken_steps();
    s.bad_steps = trainer_.bad_steps();
    return s;
  }

  void set_state(const TrainingState& s) override {
    std::size_t i = 0, averaged = 0;
    for (const auto& e : model_.parameters().entries()) {
      if (e.role != Role::derived) transfer(View<const float>(s.tensors.at(i++).value), e.value);
      if (is_trainable(e.role) && !trainer_.average().empty())
        transfer(View<const float>(s.averages.at(averaged++).value), part_of(trainer_.average(), e));
    }
    model_.changed();
    transfer(View<const float>(s.first_moment), trainer_.optimizer().first_moment());
    transfer(View<const float>(s.second_moment), trainer_.optimizer().second_moment());
    trainer_.set_steps(s.steps, s.taken_steps, s.bad_steps);
  }

 private:
  // The part of flat numbers of all parameters that belongs to one.
  template <class Number, class Entry>
  View<Number, D> part_of(View<Number, D> flat, const Entry& e) const {
    return {flat.data() + (e.value.data() - model_.parameters().values().data()), e.value.shape()};
  }

  // As a context takes them; empty for none.
  Tensor<Index, D> on_device(std::span<const Index> labels) const {
    return labels.empty() ? Tensor<Index, D>() : model_.labels(labels);
  }

  static Tensor<float, D> to_device(View<const float> x) {
    Tensor<float, D> there(x.shape());
    transfer(x, there.view());
    return there;
  }

  static double largest_of(View<const float> x) {
    double largest = 0;
    for (const float v : x) largest = std::abs(v) <= largest ? largest : std::abs(static_cast<double>(v));
    return largest;
  }

  // Sum of squares of packed eps over all levels of image i.
  double squares_of(View<const float> eps, Index i) const {
    double sum = 0;
    for (int l = 1; l <= net().levels(); ++l) {
      for (const float e : net().latent(l, eps).samples(i, 1)) sum += static_cast<double>(e) * e;
    }
    return sum;
  }

  // Adds the log sigma of a prior [N, ..., 2C] = [mu | log sigma] to sums [N].
  static void add_deviations(const Tensor<float>& prior, std::vector<double>& sums) {
    const Index channels = prior.channels(), numbers = prior.size() / prior.batch();
    for (Index i = 0; i < prior.size(); ++i) {
      if (i % channels >= channels / 2)
        sums[static_cast<std::size_t>(i / numbers)] += static_cast<double>(prior[i]);
    }
  }

  static Tensor<float> on_host(View<const float, D> x) {
    Tensor<float> out(x.shape());
    transfer(x, out.view());
    return out;
  }

  static void require_finite(View<const float, D> x, const char* what) {
    const Scratch<double, D> size(Shape{1});
    norm(x, size.view());
    double on_host = 0;
    transfer(View<const double, D>(size), View<double>(&on_host, {1}));
    require<NumericError>(std::isfinite(on_host), what, " are not all finite");
  }

  // x on the device, work(x) there, and back; throws NumericError naming `what` if that is not finite.
  template <class Work>
  static Tensor<float> through(View<const float> x, const char* what, Work work) {
    const Scratch<float, D> there(x.shape());
    transfer(x, there.view());
    work(there.view());
    require_finite(there.view(), what);
    return on_host(there.view());
  }

  std::string device_;
  Model<GlowNet, float, D> model_;
  Trainer<GlowNet, float, D, Adam<float, D>, AnyRanks> trainer_;
};

}  // namespace glow::app
