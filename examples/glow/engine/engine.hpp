// Engine: a Glow with its training on a device chosen at run time. Images, latents and parameters pass as
// tensors of the host; what lies between them stays on the device.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <glow/core/timeline.hpp>
#include <glow/flow/inverse_errors.hpp>
#include <glow/ranks/any_ranks.hpp>
#include <glow/train/telemetry.hpp>

#include "engine/training_state.hpp"
#include "run/glow_model.hpp"

namespace glow::app {

/// Samples x, [N] each: log p(x) in nats by both ways to it, and how far out they lie.
struct SampleDensities {
  std::vector<double> encoded;  ///< log p(z) + log|det dz/dx| of x -> z
  std::vector<double> drawn;    ///< log p(z) - log|det dx/dz| of z -> x, where z = mu + sigma T eps was drawn
  std::vector<double> largest;  ///< |x| of the numbers of each; not finite if one is not
};

/// A Glow on some device. `labels` [N] are the numbers of the images' classes where the model has classes,
/// and empty where it has none; the library throws Error or ShapeError for others. Throws as the library
/// does, and NumericError where images, latents or likelihoods come out that are not finite, so that nobody
/// paints or prints them.
class Engine {
 public:
  virtual ~Engine() = default;

  /// "CPU, 2 threads" or the name of the GPU.
  virtual std::string device() const = 0;
  virtual const GlowNet& net() const = 0;
  /// [H, W, C]
  virtual const Shape& image() const = 0;
  /// [n, H, W, C]
  Shape batch_shape(Index n) const { return image().samples(n); }
  /// Trainable numbers.
  virtual Index parameter_count() const = 0;

  /// 8-bit images [N, H, W, C] that the model makes of packed eps [N, H, W, C] at a temperature, see
  /// ops::quantize.
  virtual std::vector<std::uint8_t> sample(View<const float> eps, float temperature,
                                           std::span<const Index> labels) const = 0;
  /// Packed latents of x [N, H, W, C].
  virtual Tensor<float> encode(View<const float> x, std::span<const Index> labels) const = 0;
  /// Images [N, H, W, C] of packed latents.
  virtual Tensor<float> decode(View<const float> latents, std::span<const Index> labels) const = 0;
  /// See glow::bits_per_dim.
  virtual std::vector<double> bits_per_dim(std::span<const std::uint8_t> pixels,
                                           std::span<const Random> noise, Index batch,
                                           std::span<const Index> labels) const = 0;
  /// The classes [N] that the classifier finds in packed latents.
  virtual std::vector<Index> classify(View<const float> latents) const = 0;

  /// What `glow check` asks for; nothing is thrown for numbers that are not finite. `inverse_errors`: see
  /// glow::inverse_errors; `first_not_finite`: the place of glow::FirstNotFinite when packed eps [N, H, W, C]
  /// become images at a temperature; `densities` of these images.
  virtual std::vector<InverseError> inverse_errors(View<const float> x, std::span<const Index> labels) = 0;
  virtual std::string first_not_finite(View<const float> eps, float temperature,
                                       std::span<const Index> labels) = 0;
  virtual SampleDensities densities(View<const float> eps, float temperature,
                                    std::span<const Index> labels) const = 0;

  /// Training: see Trainer, and Model::start_images. `steps_ahead`: how many steps may be submitted before
  /// the first is waited for.
  virtual Index start_images() const = 0;
  virtual void start(std::span<const std::uint8_t> pixels, std::span<const Index> labels) = 0;
  virtual void submit(std::span<const std::uint8_t> pixels, std::span<const Index> labels) = 0;
  virtual StepResult wait() = 0;
  /// All ranks' parameters become those of rank 0.
  virtual void follow_rank_0() = 0;
  /// Where the numbers of a step on these images, which was not taken, ceased to be finite: see
  /// glow::not_finite_in_step, which says it as text. None where all of these images' numbers are finite.
  virtual std::optional<std::string> not_finite_in_step(std::span<const std::uint8_t> pixels,
                                                        std::span<const Index> labels, Index step) = 0;
  /// See glow::submit_recorded.
  virtual void submit_recorded(Timeline& timeline, std::span<const std::uint8_t> pixels,
                               std::span<const Index> labels) = 0;
  /// See glow::measure_telemetry; image n is dequantized with the noise of noise[n].
  virtual Telemetry telemetry(std::span<const std::uint8_t> pixels, std::span<const Random> noise,
                              std::span<const Index> labels) = 0;
  virtual Index under_way() const = 0;
  virtual Index steps_ahead() const = 0;
  virtual Index steps() const = 0;

  /// See Trainer::use_average; nothing without an average.
  virtual void use_average(bool use) = 0;

  /// All that a checkpoint keeps; no step may be under way, nor the average in use.
  virtual TrainingState state() const = 0;
  /// Goes on from a state of the same architecture.
  virtual void set_state(const TrainingState& state) = 0;
};

/// A device by its name: "cpu", "cuda", or "auto": the GPU if one works, else the CPU. Throws Error for
/// another name, and CudaError or Error where "cuda" is asked for and cannot be had, saying why.
std::string resolve_device(const std::string& wanted);

/// A model of `architecture` for images [H, W, C] of `pixels` on device "cpu" or "cuda", ready to train, with
/// other `ranks` if there are some; without a seed it is one only after set_state.
std::unique_ptr<Engine> make_engine(const std::string& device, const Architecture& architecture,
                                    const Shape& image, Pixels pixels, const TrainOptions& options,
                                    std::optional<std::uint64_t> seed, const AnyRanks& ranks = {});

/// What such an engine takes in training and in sampling in batches of `batch` images (see
/// glow::memory_of), without making one. Throws Error for "cuda" in a program that was built without CUDA; no
/// GPU need be there.
MemoryUse memory_use(const std::string& device, const Architecture& architecture, const Shape& image,
                     Index batch, const TrainOptions& options);

/// Bytes that this process can still take of the memory of device "cpu" or "cuda"; throws as make_engine does
/// where there is no GPU.
std::size_t available_memory(const std::string& device);

/// What memory is told for: "the CPU, 2 threads", the name of the GPU, or "an H100" where there is none.
std::string memory_device(const std::string& device);

}  // namespace glow::app
