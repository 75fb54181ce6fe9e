// EngineOn<D>: the engine of one device, by the library's own model and trainer.
#pragma once

#include <algorithm>
#include <cmath>

#include <glow/train/evaluate.hpp>
#include <glow/train/first_non_finite.hpp>

#include "engine/engine.hpp"

namespace glow::app {

/// The engine of device D.
template <class D>
class EngineOn : public Engine {
 public:
  EngineOn(std::string device, const Architecture& architecture, const Shape& image, Pixels pixels,
           const TrainOptions& options, std::optional<std::uint64_t> seed)
      : device_(std::move(device)), model_(architecture, image, pixels, seed), trainer_(model_, options) {}

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

  Index start_images() const override { return model_.start_images(); }
  void start(std::span<const std::uint8_t> pixels, std::span<const Index> labels) override {
    trainer_.start(pixels, labels);
  }
  void submit(std::span<const std::uint8_t> pixels, std::span<const Index> labels) override {
    trainer_.submit(pixels, labels);
  }
  StepResult wait() override { return trainer_.wait(); }
  std::string first_non_finite(std::span<const std::uint8_t> pixels, std::span<const Index> labels,
                               Index step) override {
    const auto found = glow::first_non_finite(trainer_, pixels, labels, step);
    return found ? found->text() : "only the gradient's norm is too large";
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
  Trainer<GlowNet, float, D> trainer_;
};

}  // namespace glow::app
