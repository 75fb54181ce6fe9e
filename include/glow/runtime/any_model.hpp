// AnyModel: a model whose net, device and numbers are chosen when the program runs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <glow/flow/context.hpp>
#include <glow/flow/encoding.hpp>
#include <glow/flow/inverse_errors.hpp>
#include <glow/flow/memory_use.hpp>
#include <glow/saved/saved_model.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

class AnyRanks;
class AnyTrainer;
struct TrainOptions;

/// log p(x) [N] in nats, and its gradients by x, of the shape of x, and by the features of the context, of
/// size 0 without them.
struct LogProbGradient {
  Tensor<float> log_p, x, features;
};

/// Samples x, [N] each: log p(x) in nats by both ways to it, and how far out they lie.
struct SampleDensities {
  std::vector<double> encoded;  ///< log p(z) + log|det dz/dx| of x -> z
  std::vector<double> drawn;    ///< log p(z) - log|det dx/dz| of z -> x, where z = mu + sigma T eps was drawn
  std::vector<double> largest;  ///< |x| of the numbers of each; not finite if one is not
};

/// A model of ImageNet or VectorNet in float on some device: `open` makes one of a file, `make_model` a new
/// one. Data, latents and contexts pass as tensors of the host, N samples at a time, [N, H, W, C] or [N, D];
/// what lies between stays on the device. Contexts are what the model's Architecture says, labels or
/// features. Throws as Model does, ShapeError and Error for arguments that do not fit, and NumericError,
/// unless it is said otherwise, where numbers come out that are not finite, so that nobody paints or prints
/// them. Const verbs may be called on several threads at once.
///
/// Verbs on x, latents or draws take any number of samples. These pass through the device in parts, on which
/// the results do not depend, and between which a call can be interrupted: see Interruptible.
class AnyModel {
 public:
  virtual ~AnyModel() = default;

  /// "cpu" or "cuda".
  virtual std::string device() const = 0;
  /// "CPU, 2 threads" or the name of the GPU.
  virtual std::string device_name() const = 0;
  virtual const ModelDescription& description() const = 0;
  const Architecture& architecture() const { return *description().architecture; }
  const Domain& domain() const { return description().domain; }
  /// [H, W, C] or [D]
  const Shape& sample_shape() const { return description().sample; }
  /// [n, H, W, C] or [n, D]
  Shape batch_shape(Index n) const { return sample_shape().samples(n); }
  /// Trainable numbers.
  virtual Index parameter_count() const = 0;
  int levels() const { return architecture().levels; }
  /// Samples of such a part.
  virtual Index samples_at_once() const = 0;
  /// Latent l = 1 ... levels of packed ones, [N, h, w, c]; a view.
  virtual View<float> latent(int l, View<float> packed) const = 0;
  virtual View<const float> latent(int l, View<const float> packed) const = 0;

  /// log p(x) [N], in nats.
  virtual Tensor<float> log_prob(View<const float> x, const Context<float>& context = {}) const = 0;
  /// log p(x) with its gradients; parameters and their gradients stay as they are. The model may not be used
  /// by other threads meanwhile.
  virtual LogProbGradient gradient(View<const float> x, const Context<float>& context = {}) = 0;
  virtual Encoding<float> encode(View<const float> x, const Context<float>& context = {}) const = 0;
  /// Samples of packed latents.
  virtual Tensor<float> decode(View<const float> latents, const Context<float>& context = {}) const = 0;
  /// Packed draws of N(0, I): sample n's are those of number first + n in the sequence of `random`.
  virtual void draw(View<float> eps, Random random, Index first = 0) const = 0;
  /// Samples of packed draws at a temperature.
  virtual Tensor<float> sample_from(View<const float> eps, float temperature,
                                    const Context<float>& context = {}) const = 0;
  /// The same as 8-bit numbers, see ops::quantize; Error for a model of continuous data.
  virtual std::vector<std::uint8_t> sample_pixels(View<const float> eps, float temperature,
                                                  const Context<float>& context = {}) const = 0;
  /// Samples first ... first + n - 1 of those that `random` draws. Each depends on `random` and its number
  /// alone. One that does not come out finite, of which a model may have some in a thousand at temperature 1,
  /// is drawn again from other latents; a warning counts them. Throws NumericError for a sample that is not
  /// finite for ten draws.
  Tensor<float> sample(Index n, float temperature, Random random, Index first = 0,
                       const Context<float>& context = {}) const;
  /// The same as 8-bit numbers [n, H, W, C].
  std::vector<std::uint8_t> sample_pixels(Index n, float temperature, Random random, Index first = 0,
                                          const Context<float>& context = {}) const;
  /// See glow::bits_per_dim; labels, where there are classes, are the context.
  virtual std::vector<double> bits_per_dim(std::span<const std::uint8_t> pixels,
                                           std::span<const Random> noise, Index batch,
                                           std::span<const Index> labels = {}) const = 0;
  /// The same with the noise of random.fork(n) for image n, in batches of at most 64.
  std::vector<double> bits_per_dim(std::span<const std::uint8_t> pixels, Random random,
                                   std::span<const Index> labels = {}) const {
    std::vector<Random> noise;
    const auto count = static_cast<Index>(pixels.size()) / sample_shape().size();
    for (Index n = 0; n < count; ++n) noise.push_back(random.fork(static_cast<std::uint64_t>(n)));
    return bits_per_dim(pixels, noise, std::clamp(count, Index{1}, Index{64}), labels);
  }
  /// The classes [N] that the classifier finds in packed latents.
  virtual std::vector<Index> classify(View<const float> latents) const = 0;

  /// Judging the model itself; nothing is thrown for numbers that are not finite. Only one thread at a time
  /// may call these three. See glow::inverse_errors; the place of glow::FirstNotFinite when packed eps become
  /// samples; densities of these samples.
  virtual std::vector<InverseError> inverse_errors(View<const float> x,
                                                   const Context<float>& context = {}) = 0;
  virtual std::string first_not_finite(View<const float> eps, float temperature,
                                       const Context<float>& context = {}) = 0;
  virtual SampleDensities densities(View<const float> eps, float temperature,
                                    const Context<float>& context = {}) const = 0;

  /// All that a file keeps of the model.
  virtual SavedModel saved() const = 0;
  /// Takes the numbers of such a model; throws CheckpointError for another one's.
  virtual void set(const std::vector<NamedTensor>& tensors) = 0;

  /// Trains this model, which must live as long; runtime/any_trainer.hpp. Throws Error for options that
  /// cannot be.
  std::unique_ptr<AnyTrainer> trainer(const TrainOptions& options);
  /// The same by several ranks, each with its part of the batch.
  virtual std::unique_ptr<AnyTrainer> trainer(const TrainOptions& options, const AnyRanks& ranks) = 0;

 protected:
  /// Throws, naming the verb, unless the context of n samples is what the model takes; see
  /// glow::check_context and Model::check_labels.
  virtual void check_context(std::string_view verb, const Context<float>& context, Index n) const = 0;

 private:
  void check_asked(std::string_view verb, Index n, Index first, const Context<float>& context) const;
};

/// What the program, C and Python draw the samples of a seed with.
inline Random random_of_samples(std::uint64_t seed) { return {seed, 6}; }

/// The context of samples with these labels; they must live as long.
inline Context<float> with_labels(std::span<const Index> labels) {
  if (labels.empty()) return {};
  return {.labels = View<const Index>(labels.data(), {static_cast<Index>(labels.size())})};
}

}  // namespace glow
