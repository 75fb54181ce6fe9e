// Trainer: maximum likelihood by Adam with a linear warm-up of the learning rate.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include <glow/flow/model.hpp>
#include <glow/ops/cpu/quantize.hpp>
#include <glow/ops/cpu/training.hpp>
#include <glow/optim/adam.hpp>
#include <glow/train/step_queue.hpp>

namespace glow {

/// Settings of training.
struct TrainOptions {
  double learning_rate = 1e-3;  ///< after the warm-up
  Index warmup_steps = 0;       ///< steps in which the rate grows linearly to learning_rate
  std::uint64_t seed = 0;       ///< of the noise of dequantization
  Index bad_steps_limit =
      5;  ///< steps in a row without a finite loss and gradient after which training stops
  AdamOptions adam = {};
  double classifier_weight = 0.01;  ///< of the classifier's loss beside bits per dimension, with classes
  Activations activations = Activations::automatic;      ///< kept from the forward pass for the backward pass
  std::size_t activation_budget = std::size_t{1} << 30;  ///< bytes that these may take
};

/// What one step of training saw.
struct StepResult {
  Index step;            ///< counts from 1
  double bits_per_dim;   ///< mean over the batch, before the step; of continuous data, of the density
  double gradient_norm;  ///< Euclidean norm of all parameters' gradients
  double learning_rate;  ///< of this step
  bool taken;            ///< false if loss or gradient were not finite: parameters are unchanged
  double nats = 0;  ///< the same loss as -log of a whole sample: of continuous data, the mean of -log p(x)
  double accuracy = 0;  ///< share of the batch that the classifier names rightly; 0 without classes
};

/// Trains a Model: by `step` on batches of 8-bit images, if its domain is Pixels, by `step_on` on images or
/// vectors in the model's own numbers. The loss is in bits per dimension, whose bins are those of the domain;
/// StepResult::nats has it in nats. Given the same seed and batches, a run has the same bits on any
/// number of threads, and one that goes on from saved state the bits of an unbroken one.
template <class Net, class T = float, class D = Cpu>
class Trainer {
 public:
  Trainer(Model<Net, T, D>& model, const TrainOptions& options)
      : model_(model),
        options_(options),
        rule_{options.learning_rate, options.warmup_steps, options.seed, options.adam},
        adam_(model.parameters().values().size(), options.adam),
        state_(Shape{1}),
        kept_(options.activations, options.activation_budget) {
    require(options.learning_rate > 0 && std::isfinite(options.learning_rate),
            "learning_rate: ", options.learning_rate, " must be a finite number above 0");
    require(options.warmup_steps >= 0, "warmup_steps: ", options.warmup_steps, " must not be negative");
    require(options.bad_steps_limit >= 1, "bad_steps_limit: ", options.bad_steps_limit,
            " must be at least 1");
    check_adam(options.adam);
    set_state({});
  }

  /// Data-dependent start from pixels [N, H, W, C] of any number of images, see Model::start. Throws Error
  /// once training has begun, which it would undo, and for a model of continuous data.
  /// `labels`: one for each image of a model with classes.
  void start(std::span<const std::uint8_t> pixels, std::span<const Index> labels = {}) {
    check_not_begun();
    Workspace<D> own;  // it may take more than a step, and is not needed again
    const WorkspaceScope<D> scope(own);
    const Scratch<T, D> x(batch_of(pixels, labels));
    const Scratch<Index, D> of_images(Shape{static_cast<Index>(labels.size())});
    transfer(View<const Index, Cpu>(labels.data(), of_images.shape()), of_images.view());
    dequantize(View<const std::uint8_t, Cpu>(pixels.data(), x.shape()), model_.domain().bits(),
               rule_.noise(0), x.view());
    model_.start(x.view(), context_of(of_images.view()));
  }
  /// The same from x [N, H, W, C] or [N, D] in the model's own numbers.
  void start_on(View<const T, D> x, const Context<T, D>& context = {}) {
    check_not_begun();
    model_.start(x, context);
  }

  /// One step on pixels [N, H, W, C]. A step whose loss or gradient is not finite leaves the parameters as
  /// they are; throws NumericError when `bad_steps_limit` of them come in a row, and Error for a model of
  /// continuous data.
  StepResult step(std::span<const std::uint8_t> pixels, std::span<const Index> labels = {}) {
    submit(pixels, labels);
    return wait();
  }
  /// Begins a step, without waiting for it where the device works on its own. StepQueue<D>::most steps may be
  /// under way: 1 on the CPU, 2 on a GPU, where one runs while the next one's pixels are copied.
  void submit(std::span<const std::uint8_t> pixels, std::span<const Index> labels = {}) {
    const Shape shape = batch_of(pixels, labels);
    const Index count = static_cast<Index>(labels.size());
    const int n_bits = model_.domain().bits();
    begun_ = true;
    queue_.submit(with_labels(pixels, labels), state_.view(), [=, this](View<const std::uint8_t, D> sent) {
      const View<const Index, D> of_images(reinterpret_cast<const Index*>(sent.data()), {count});
      const View<const std::uint8_t, D> images(
          reinterpret_cast<const std::uint8_t*>(of_images.data() + count), shape);
      const Scratch<T, D> x(model_.input_shape(shape[0]));
      begin_step(state_.view(), rule_);
      dequantize(images, n_bits, part<const Random>(&StepState::noise), x.view());
      finish_step(x.view(), context_of(of_images));
    });
  }
  /// The oldest submitted step's result, once it is done.
  StepResult wait() { return result(queue_.wait()); }
  /// Steps submitted and not yet waited for.
  Index under_way() const { return queue_.size(); }

  /// One step on x [N, H, W, C] or [N, D] in the model's own numbers, continuous data as they are given, and
  /// their context.
  StepResult step_on(View<const T, D> x, const Context<T, D>& context = {}) {
    check_batch("step_on", x);
    begun_ = true;
    const Scratch<T, D> entered(model_.input_shape(x.shape()[0]));
    begin_step(state_.view(), rule_);
    model_.enter(x, entered.view());
    finish_step(entered.view(), context);
    return result(state());
  }

  /// Mean bits per dimension of x [N, H, W, C]; sets the model's gradient to that of this mean, and x to
  /// dloss/dx.
  double loss_gradient(View<T, D> x, const Context<T, D>& context = {}) {
    check_batch("loss_gradient", x);
    const Scratch<double, D> loss(Shape{1}), classifier(Shape{2});
    const Scratch<T, D> entered(model_.input_shape(x.batch())), dx(entered.shape());
    model_.enter(x, entered.view());
    loss_gradient(entered.view(), dx.view(), context, loss.view(), classifier.view());
    model_.leave(dx.view(), x);
    double on_host = 0;
    transfer(View<const double, D>(loss), View<double, Cpu>(&on_host, {1}));
    return on_host;
  }

  const TrainOptions& options() const { return options_; }
  const StepRule& rule() const { return rule_; }
  Model<Net, T, D>& model() { return model_; }
  Adam<T, D>& adam() { return adam_; }
  const Adam<T, D>& adam() const { return adam_; }
  /// Bytes that activations kept from the forward pass take, after a step.
  std::size_t activation_bytes() const { return kept_.capacity(); }
  /// Steps done, skipped ones included.
  Index steps() const { return step_; }
  /// Of these, the steps that changed the parameters.
  Index taken_steps() const { return step_ - skipped_; }
  /// Steps in a row, up to now, that were not finite.
  Index bad_steps() const { return bad_steps_; }
  /// Goes on after `steps` steps of which `taken` changed the parameters and the last `bad` were not finite.
  /// Throws Error for numbers that contradict one another.
  void set_steps(Index steps, Index taken, Index bad = 0) {
    require(taken >= 0 && bad >= 0 && taken <= steps && bad <= steps - taken, "Trainer::set_steps: of ",
            steps, " steps, ", taken, " cannot have been taken and the last ", bad, " not finite");
    begun_ = steps > 0;
    step_ = steps;
    skipped_ = steps - taken;
    bad_steps_ = bad;
    StepState state;
    state.step = steps;
    state.taken = taken;
    set_state(state);
  }

 private:
  // The same for x as it enters the model, which is overwritten; dx = dloss/dx.
  void loss_gradient(View<T, D> x, View<T, D> dx, const Context<T, D>& context, View<double, D> loss,
                     View<double, D> classifier) {
    const Index n = x.batch();
    const Scratch<T, D> z(model_.batch_shape(n)), dz(z.shape()), logdet(Shape{n}), logpz(Shape{n}),
        dlog(Shape{n});
    clear(logdet.view());
    clear(logpz.view());
    model_.forward_into(x, z.view(), logdet.view(), logpz.view(), kept_, context);
    mean_bits_per_dim(View<const T, D>(logpz), View<const T, D>(logdet), model_.dimensions(),
                      model_.domain().bins(), loss);
    fill(dlog.view(),
         static_cast<T>(-1 / (static_cast<double>(n * model_.dimensions()) * std::numbers::ln2)));
    fill(model_.parameters().gradient(), 0);
    clear(dz.view());
    if (!context.labels.empty()) {
      model_.classifier_loss(z.view(), dz.view(), context.labels, options_.classifier_weight, classifier);
    }
    model_.backward_into(z.view(), dz.view(), x, dx, dlog.view(), dlog.view(), &kept_, context);
  }

  // From images as they enter the model to changed parameters, all on the device.
  void finish_step(View<T, D> x, const Context<T, D>& context) {
    const Scratch<T, D> dx(x.shape());
    loss_gradient(x, dx.view(), context, part<double>(&StepState::bits_per_dim),
                  View<double, D>(state_.data()->classifier, {2}));
    norm(View<const T, D>(model_.parameters().gradient()), part<double>(&StepState::gradient_norm));
    judge_step(state_.view(), rule_);
    adam_.step_by(model_.parameters().values(), model_.parameters().gradient(),
                  part<const AdamScale>(&StepState::adam));
    model_.changed();
  }

  StepResult result(const StepState& s) {
    ++step_;
    const double nats = s.bits_per_dim * static_cast<double>(model_.dimensions()) * std::numbers::ln2;
    const StepResult r{s.step,       s.bits_per_dim, s.gradient_norm, s.adam.rate,
                       s.adam.taken, nats,           s.classifier[1]};
    if (r.taken) {
      bad_steps_ = 0;
      return r;
    }
    ++skipped_;
    ++bad_steps_;
    require<NumericError>(bad_steps_ < options_.bad_steps_limit, "training: loss ", r.bits_per_dim,
                          " and gradient norm ", r.gradient_norm, " at step ", r.step, ": not finite for ",
                          bad_steps_, " steps in a row; a lower learning rate or a longer warm-up may help");
    return r;
  }

  // One number of the state, where it lies on the device.
  template <class Part, class Member>
  View<Part, D> part(Member StepState::*member) {
    return {&(state_.data()->*member), {1}};
  }
  StepState state() const {
    StepState s;
    transfer(View<const StepState, D>(state_), View<StepState, Cpu>(&s, {1}));
    return s;
  }
  void set_state(const StepState& s) { transfer(View<const StepState, Cpu>(&s, {1}), state_.view()); }

  static void check_adam(const AdamOptions& o) {
    require(o.beta1 >= 0 && o.beta1 < 1, "adam.beta1: ", o.beta1, " must be at least 0 and below 1");
    require(o.beta2 >= 0 && o.beta2 < 1, "adam.beta2: ", o.beta2, " must be at least 0 and below 1");
    require(o.epsilon > 0 && std::isfinite(o.epsilon), "adam.epsilon: ", o.epsilon,
            " must be a finite number above 0");
  }

  void check_batch(std::string_view verb, View<const T, D> x) const {
    if (model_.shapes().is_batch(x)) return;
    throw ShapeError(join("Trainer::", verb, ": batch ", x.shape(), " is not ", model_.shapes().batches()));
  }
  void check_not_begun() const {
    require(!begun_, "Trainer::start: training has begun, after ", step_,
            " steps; a data-dependent start comes before the first");
  }

  Shape batch_of(std::span<const std::uint8_t> pixels, std::span<const Index> labels) const {
    const Index size = static_cast<Index>(pixels.size()), d = model_.dimensions();
    require<ShapeError>(size > 0 && size % d == 0, "Trainer: ", size,
                        " pixels are not a whole number of images ", model_.sample_shape());
    const Index given = static_cast<Index>(labels.size());
    const bool needed = model_.net().labels().has_value();
    require<ShapeError>(given == (needed ? size / d : 0), "Trainer: ", given, " labels for ", size / d,
                        " images of a model ", needed ? "with" : "without", " classes");
    if (needed) model_.check_labels(labels);
    return model_.batch_shape(size / d);
  }

  // Labels, as bytes, and pixels after them: they go to the device together.
  std::span<const std::uint8_t> with_labels(std::span<const std::uint8_t> pixels,
                                            std::span<const Index> labels) {
    if (labels.empty()) return pixels;
    if constexpr (is_counted<D>) return {pixels.data(), pixels.size() + labels.size_bytes()};
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(labels.data());
    sent_.assign(bytes, bytes + labels.size_bytes());
    sent_.insert(sent_.end(), pixels.begin(), pixels.end());
    return sent_;
  }
  static Context<T, D> context_of(View<const Index, D> labels) {
    return {.labels = labels.size() == 0 ? View<const Index, D>() : labels};
  }

  Model<Net, T, D>& model_;
  TrainOptions options_;
  StepRule rule_;
  Adam<T, D> adam_;
  Tensor<StepState, D> state_;  // [1]
  KeptGroups<D> kept_;
  StepQueue<D> queue_;
  std::vector<std::uint8_t> sent_;
  bool begun_ = false;
  Index step_ = 0;
  Index skipped_ = 0;
  Index bad_steps_ = 0;
};

}  // namespace glow
