// Trainer: maximum likelihood by Adam with a linear warm-up of the learning rate.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

#include <glow/flow/model.hpp>
#include <glow/ops/cpu/quantize.hpp>
#include <glow/optim/adam.hpp>

namespace glow {

/// Settings of training.
struct TrainOptions {
  int n_bits = 8;               ///< bits a channel that are modelled, 1 to 8
  double learning_rate = 1e-3;  ///< after the warm-up
  Index warmup_steps = 0;       ///< steps in which the rate grows linearly to learning_rate
  std::uint64_t seed = 0;       ///< of the noise of dequantization
  Index bad_steps_limit =
      5;  ///< steps in a row without a finite loss and gradient after which training stops
  AdamOptions adam = {};
};

/// What one step of training saw.
struct StepResult {
  Index step;            ///< counts from 1
  double bits_per_dim;   ///< mean over the batch, before the step
  double gradient_norm;  ///< Euclidean norm of all parameters' gradients
  double learning_rate;  ///< of this step
  bool taken;            ///< false if loss or gradient were not finite: parameters are unchanged
};

/// Trains a Model on batches of 8-bit images. Given the same seed and batches, a run has the same bits on any
/// number of threads, and one that goes on from saved state the bits of an unbroken one.
template <class Net, class T = float, class D = Cpu>
class Trainer {
 public:
  Trainer(Model<Net, T, D>& model, const TrainOptions& options)
      : model_(model), options_(options), adam_(model.parameters().values().size(), options.adam) {
    bins_of(options.n_bits);
    require(options.learning_rate > 0, "learning_rate: ", options.learning_rate, " must be above 0");
    require(options.warmup_steps >= 0, "warmup_steps: ", options.warmup_steps, " must not be negative");
    require(options.bad_steps_limit >= 1, "bad_steps_limit: ", options.bad_steps_limit,
            " must be at least 1");
  }

  /// Data-dependent start from pixels [N, H, W, C]; once, before the first step.
  void start(std::span<const std::uint8_t> pixels) {
    const Scratch<T, D> x(batch_of(pixels));
    dequantize(pixels, options_.n_bits, noise(0), x.view());
    model_.start(x.view());
  }

  /// One step on pixels [N, H, W, C]. A step whose loss or gradient is not finite leaves the parameters as
  /// they are; throws NumericError when `bad_steps_limit` of them come in a row.
  StepResult step(std::span<const std::uint8_t> pixels) {
    const Scratch<T, D> x(batch_of(pixels));
    dequantize(pixels, options_.n_bits, noise(step_ + 1), x.view());
    return step_on(x.view());
  }

  /// The same on images x [N, H, W, C] in the model's own numbers, which are overwritten.
  StepResult step_on(View<T, D> x) {
    StepResult result{step_ + 1, 0, 0, rate(step_ + 1), false};
    result.bits_per_dim = loss_gradient(x);
    result.gradient_norm = norm(model_.parameters().gradient());
    result.taken = std::isfinite(result.bits_per_dim) && std::isfinite(result.gradient_norm);
    ++step_;
    if (result.taken) {
      adam_.step(model_.parameters().values(), model_.parameters().gradient(), result.learning_rate);
      model_.changed();
      bad_steps_ = 0;
    } else if (++bad_steps_ >= options_.bad_steps_limit) {
      throw NumericError(join("training: loss ", result.bits_per_dim, " and gradient norm ",
                              result.gradient_norm, " at step ", result.step, ": not finite for ", bad_steps_,
                              " steps in a row; a lower learning rate or a longer warm-up may help"));
    }
    return result;
  }

  /// Mean bits per dimension of x [N, H, W, C]; sets the model's gradient to that of this mean. x and its
  /// gradient take each other's place: x holds dloss/dx afterwards if the loss is finite.
  double loss_gradient(View<T, D> x) {
    const Index n = x.batch();
    const Scratch<T, D> z(x.shape()), logdet(Shape{n}), logpz(Shape{n}), dlog(Shape{n});
    copy(x, z.view());
    clear(logdet.view());
    clear(logpz.view());
    model_.forward(z.view(), logdet.view(), logpz.view());
    double loss = 0;
    for (Index i = 0; i < n; ++i) {
      loss += glow::bits_per_dim(static_cast<double>(logpz[i]), static_cast<double>(logdet[i]),
                                 model_.dimensions(), bins_of(options_.n_bits)) /
              static_cast<double>(n);
      dlog[i] = static_cast<T>(-1 / (static_cast<double>(n * model_.dimensions()) * std::numbers::ln2));
    }
    clear(model_.parameters().gradient());
    if (!std::isfinite(loss)) return loss;
    clear(x);
    model_.backward(z.view(), x, dlog.view(), dlog.view());
    return loss;
  }

  /// Learning rate of step t = 1, 2, ...
  double rate(Index t) const {
    if (t >= options_.warmup_steps) return options_.learning_rate;
    return options_.learning_rate * static_cast<double>(t) / static_cast<double>(options_.warmup_steps);
  }

  const TrainOptions& options() const { return options_; }
  Model<Net, T, D>& model() { return model_; }
  Adam<T, D>& adam() { return adam_; }
  /// Steps done, skipped ones included.
  Index steps() const { return step_; }
  /// Steps in a row, up to now, that were not finite.
  Index bad_steps() const { return bad_steps_; }
  /// Goes on after step n, the last `bad` of which were not finite.
  void set_steps(Index n, Index bad = 0) {
    step_ = n;
    bad_steps_ = bad;
  }

 private:
  // Noise of a step has a stream of its own, so that step t draws the same whatever came before.
  Random noise(Index step) const { return Random{options_.seed, 1}.fork(static_cast<std::uint64_t>(step)); }

  Shape batch_of(std::span<const std::uint8_t> pixels) const {
    const Index size = static_cast<Index>(pixels.size()), d = model_.dimensions();
    require<ShapeError>(size > 0 && size % d == 0, "Trainer: ", size,
                        " pixels are no whole number of images ", model_.image());
    return model_.batch_shape(size / d);
  }

  Model<Net, T, D>& model_;
  TrainOptions options_;
  Adam<T, D> adam_;
  Index step_ = 0;
  Index bad_steps_ = 0;
};

/// Mean bits per dimension of pixels [N, H, W, C] under `model`, dequantized with noise of `random`, in
/// batches of `batch`.
template <class Net, class T, class D>
double mean_bits_per_dim(const Model<Net, T, D>& model, std::span<const std::uint8_t> pixels, int n_bits,
                         Random random, Index batch) {
  const Index d = model.dimensions(), images = static_cast<Index>(pixels.size()) / d;
  require<ShapeError>(images > 0 && images * d == static_cast<Index>(pixels.size()),
                      "mean_bits_per_dim: ", pixels.size(), " pixels are no whole number of images ",
                      model.image());
  double sum = 0;
  for (Index first = 0; first < images; first += batch) {
    const Index n = std::min(batch, images - first);
    const Scratch<T, D> x(model.batch_shape(n)), logdet(Shape{n}), logpz(Shape{n});
    clear(logdet.view());
    clear(logpz.view());
    dequantize(pixels.subspan(static_cast<std::size_t>(first * d), static_cast<std::size_t>(n * d)), n_bits,
               random.fork(static_cast<std::uint64_t>(first)), x.view());
    model.forward(x.view(), logdet.view(), logpz.view());
    for (Index i = 0; i < n; ++i) {
      sum += bits_per_dim(static_cast<double>(logpz[i]), static_cast<double>(logdet[i]), d, bins_of(n_bits));
    }
  }
  return sum / static_cast<double>(images);
}

}  // namespace glow
