// Trainer: maximum likelihood by gradient steps.
#pragma once

#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include <glow/core/timeline.hpp>
#include <glow/flow/model.hpp>
#include <glow/ops/cpu/quantize.hpp>
#include <glow/ops/cpu/training.hpp>
#include <glow/optim/adam.hpp>
#include <glow/train/batch_gradient.hpp>
#include <glow/train/step_queue.hpp>
#include <glow/train/train_options.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Trains a Model: by `step` on batches of 8-bit images, if its domain is Pixels, by `step_on` on images or
/// vectors in the model's own numbers. The loss is in bits per dimension, whose bins are those of the domain;
/// StepResult::nats has it in nats. Given the same seed and batches, a run has the same bits on any
/// number of threads, and one that goes on from saved state the bits of an unbroken one. Optimizer: as Adam
/// is, which is AdamW or Adamax by TrainOptions::adam.
/// Ranks: Alone, or a Communicator of ranks that train together (ranks/communicator.hpp). Each then gives its
/// own images to the verbs that all ranks call alike (start, submit, step, step_on), of which those of rank 0
/// are the first of the batch, and every rank gets the same result and keeps the same parameters.
template <class Net, class T = float, class D = Cpu, class Optimizer = Adam<T, D>, class Ranks = Alone>
class Trainer {
 public:
  /// Throws Error for options that cannot be, and for parts of a batch that the ranks cannot share evenly.
  Trainer(Model<Net, T, D>& model, const TrainOptions& options, Ranks ranks = {})
      : model_(model),
        options_(checked(options, ranks.size())),
        rule_{options.learning_rate, options.warmup_steps, options.seed,       options.adam,
              options.schedule,      options.clip_norm,    options.clip_value, options.average},
        optimizer_(model.parameters().values().size(), options.adam),
        average_(options.average > 0 ? model.parameters().values().shape() : Shape{0}),
        state_(Shape{1}),
        gradient_(model, options),
        ranks_(std::move(ranks)),
        sum_(ranks_, options.compression) {
    set_state({});
  }

  /// Data-dependent start from pixels [N, H, W, C] of any number of images, see Model::start. Throws Error
  /// once training has begun, which it would undo, and for a model of continuous data.
  /// `labels`: one for each image of a model with classes. Rank 0's images count, the others may have none.
  void start(std::span<const std::uint8_t> pixels, std::span<const Index> labels = {}) {
    check_not_begun();
    if (ranks_.rank() > 0) return follow_rank_0();
    Workspace<D> own;  // it may take more than a step, and is not needed again
    const WorkspaceScope<D> scope(own);
    const Scratch<T, D> x(batch_of(pixels, labels));
    const Scratch<Index, D> of_images(Shape{static_cast<Index>(labels.size())});
    transfer(View<const Index, Cpu>(labels.data(), of_images.shape()), of_images.view());
    dequantize(View<const std::uint8_t, Cpu>(pixels.data(), x.shape()), model_.domain().bits(),
               rule_.noise(0), x.view());
    model_.start(x.view(), context_of(of_images.view()));
    follow_rank_0();
  }
  /// The same from x [N, H, W, C] or [N, D] in the model's own numbers.
  void start_on(View<const T, D> x, const Context<T, D>& context = {}) {
    check_not_begun();
    if (ranks_.rank() == 0) model_.start(x, context);
    follow_rank_0();
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
    check_may_step();
    const Index count = static_cast<Index>(labels.size());
    const int n_bits = model_.domain().bits();
    const Share share = share_of(ranks_, shape[0]);
    rule_.first_noise = first_noise(share);
    const StepRule rule = rule_;
    begun_ = true;
    const auto work = [=, this](View<const std::uint8_t, D> sent) {
      const View<const Index, D> of_images(reinterpret_cast<const Index*>(sent.data()), {count});
      const View<const std::uint8_t, D> images(
          reinterpret_cast<const std::uint8_t*>(of_images.data() + count), shape);
      const Scratch<T, D> x(model_.input_shape(shape[0]));
      begin_step(state_.view(), rule);
      dequantize(images, n_bits, part<const Random>(&StepState::noise), x.view());
      finish_step(share, x.view(), context_of(of_images));
    };
    const bool may_replay = timeline_ == nullptr && ranks_.size() == 1;
    told<D>(timeline_, "step",
            [&] { queue_.submit(with_labels(pixels, labels), state_.view(), work, may_replay); });
  }
  /// The oldest submitted step's result, once it is done.
  StepResult wait() { return result(queue_.wait()); }
  /// Steps submitted and not yet waited for.
  Index under_way() const { return queue_.size(); }

  /// One step on x [N, H, W, C] or [N, D] in the model's own numbers, continuous data as they are given, and
  /// their context.
  StepResult step_on(View<const T, D> x, const Context<T, D>& context = {}) {
    check_batch("step_on", x);
    check_may_step();
    begun_ = true;
    const Scratch<T, D> entered(model_.input_shape(x.shape()[0]));
    begin_step(state_.view(), rule_);
    model_.enter(x, entered.view());
    finish_step(share_of(ranks_, x.batch()), entered.view(), context);
    return result(state());
  }

  /// The parameters of every rank become those of rank 0, as they do at a start. No step may be under way.
  void follow_rank_0() {
    if constexpr (!is_alone<Ranks>) {
      if (ranks_.size() == 1) return;
      for (const auto& e : model_.parameters().entries()) {
        if (e.role != Role::derived) broadcast(ranks_, e.value);
      }
      model_.changed();
    }
  }

  /// Mean bits per dimension of x [N, H, W, C]; sets the model's gradient to that of this mean, and x to
  /// dloss/dx. Of these images alone, whatever other ranks have.
  double loss_gradient(View<T, D> x, const Context<T, D>& context = {}) {
    check_batch("loss_gradient", x);
    const Scratch<double, D> loss(Shape{1}), classifier(Shape{2});
    const Scratch<T, D> entered(model_.input_shape(x.batch())), dx(entered.shape());
    model_.enter(x, entered.view());
    gradient_(entered.view(), dx.view(), context, loss.view(), classifier.view());
    model_.leave(dx.view(), x);
    double on_host = 0;
    transfer(View<const double, D>(loss), View<double, Cpu>(&on_host, {1}));
    return on_host;
  }

  /// The running average of all parameters over the steps that were taken, flat as Parameters::values is;
  /// empty with TrainOptions::average = 0.
  View<T, D> average() { return average_.size() == 0 ? View<T, D>() : average_.view(); }
  View<const T, D> average() const { return average_.size() == 0 ? View<const T, D>() : average_.view(); }
  /// Whether the model has the average in place of its own parameters: for sampling and judging it between
  /// steps, which throw Error meanwhile. No step may be under way. Throws Error without an average; before
  /// the first step it is the parameters themselves.
  void use_average(bool use) {
    require(average_.size() > 0, "Trainer::use_average: TrainOptions::average is 0");
    require(under_way() == 0, "Trainer::use_average: a step is under way; wait for it first");
    if (use == uses_average_) return;
    uses_average_ = use;
    if (taken_steps() == 0) return;
    const View<T, D> values = model_.parameters().values();
    const Scratch<T, D> other(values.shape());
    copy(average_.view(), other.view());
    copy(values, average_.view());
    copy(other.view(), values);
    model_.changed();
  }
  /// What `use_average` was last told.
  bool uses_average() const { return uses_average_; }

  /// From now on `timeline` gets an event for each step and for its parts, of the category "step": "forward",
  /// "backward", "optimizer" and "prepare", in which what derives from the parameters is computed, and of the
  /// category "ranks" for each "sum" of gradients over ranks. Null for none. On a GPU such steps are not
  /// replayed as a graph, and each part is waited for; their bits are the same. The timeline must live as
  /// long.
  void record(Timeline* timeline) {
    timeline_ = timeline;
    gradient_.record(timeline);
    if constexpr (!is_alone<Ranks>) sum_.record(timeline);
  }

  const TrainOptions& options() const { return options_; }
  /// Of this rank's share of the last step.
  const StepRule& rule() const { return rule_; }
  Model<Net, T, D>& model() { return model_; }
  Optimizer& optimizer() { return optimizer_; }
  const Optimizer& optimizer() const { return optimizer_; }
  /// Bytes that activations kept from the forward pass take, after a step.
  std::size_t activation_bytes() const { return gradient_.activation_bytes(); }
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
  // From images as they enter the model to changed parameters, all on the device.
  void finish_step(const Share& share, View<T, D> x, const Context<T, D>& context) {
    const Scratch<T, D> dx(x.shape());
    const View<double, D> loss = part<double>(&StepState::bits_per_dim),
                          classifier(state_.data()->classifier, {2});
    if constexpr (is_alone<Ranks>) {
      gradient_(x, dx.view(), context, loss, classifier);
    } else {
      gradient_(ranks_, sum_, share, x, dx.view(), context, loss, classifier);
    }
    norm(View<const T, D>(model_.parameters().gradient()), part<double>(&StepState::gradient_norm));
    judge_step(state_.view(), rule_);
    const View<const AdamScale, D> scale = part<const AdamScale>(&StepState::adam);
    auto& p = model_.parameters();
    told<D>(timeline_, "optimizer", [&] {
      optimizer_.step_by(p.values(), p.gradient(), scale, p.weights());
      if (average_.size() > 0) average_step(average_.view(), View<const T, D>(p.values()), scale);
    });
    told<D>(timeline_, "prepare", [&] { model_.changed(); });
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

  // Where the noise of a rank's share begins, see StepRule.
  std::uint64_t first_noise(const Share& share) const {
    const Index before = share.first * model_.dimensions();
    require<ShapeError>(before % 4 == 0, "Trainer: rank ", ranks_.rank(), "'s images begin at number ",
                        before, " of the batch, which must be a multiple of 4");
    return static_cast<std::uint64_t>(before / 4);
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

  void check_batch(std::string_view verb, View<const T, D> x) const {
    if (model_.shapes().is_batch(x)) return;
    throw ShapeError(join("Trainer::", verb, ": batch ", x.shape(), " is not ", model_.shapes().batches()));
  }
  void check_may_step() const {
    require(!uses_average_,
            "Trainer: the model has the average of its parameters; call use_average(false) first");
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
  Optimizer optimizer_;
  Tensor<T, D> average_;  // none: of size 0
  bool uses_average_ = false;
  Tensor<StepState, D> state_;  // [1]
  BatchGradient<Net, T, D> gradient_;
  Ranks ranks_;
  [[no_unique_address]] SumFor<Ranks, T, D> sum_;
  StepQueue<D> queue_;
  std::vector<std::uint8_t> sent_;
  Timeline* timeline_ = nullptr;
  bool begun_ = false;
  Index step_ = 0;
  Index skipped_ = 0;
  Index bad_steps_ = 0;
};

}  // namespace glow
