// Bits per dimension of 8-bit images under a model.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <glow/core/interruptible.hpp>
#include <glow/flow/model.hpp>
#include <glow/ops/bits_per_dim.hpp>
#include <glow/ops/cpu/quantize.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Bits per dimension of each image of `pixels` [N, H, W, C] under `model`, computed in batches of `batch`.
/// Image n is dequantized with the noise of noise[n], so its number depends on neither the batch nor the
/// other images. `labels` [N]: of a model with classes, whose densities are those given the label; none for
/// others. Throws ShapeError for pixels that are not a whole number of images or not as many as there are
/// streams of noise, or labels where there are to be some, and Error for a batch below 1, for a model of
/// continuous data, and as Model::labels does.
template <class Net, class T, class D>
std::vector<double> bits_per_dim(const Model<Net, T, D>& model, std::span<const std::uint8_t> pixels,
                                 std::span<const Random> noise, Index batch,
                                 std::span<const Index> labels = {}) {
  const Index d = model.dimensions(), images = static_cast<Index>(pixels.size()) / d;
  const int n_bits = model.domain().bits(), bins = bins_of(n_bits);
  require(batch >= 1, "batch: ", batch, " must be at least 1");
  require<ShapeError>(images * d == static_cast<Index>(pixels.size()), "bits_per_dim: ", pixels.size(),
                      " pixels are not a whole number of images ", model.sample_shape());
  require<ShapeError>(images == static_cast<Index>(noise.size()), "bits_per_dim: ", noise.size(),
                      " streams of noise for ", images, " images");
  require<ShapeError>(labels.empty() || images == static_cast<Index>(labels.size()),
                      "bits_per_dim: ", labels.size(), " labels for ", images, " images");
  std::vector<double> bits;
  for (Index first = 0; first < images; first += batch) {
    Interruptible::check();
    const Index n = std::min(batch, images - first);
    const Scratch<T, D> x(model.input_shape(n)), z(model.batch_shape(n)), logdet(Shape{n}), logpz(Shape{n});
    clear(logdet.view());
    clear(logpz.view());
    dequantize_by_image(View<const std::uint8_t, Cpu>(pixels.data() + first * d, z.shape()), n_bits,
                        View<const Random, Cpu>(noise.data() + first, {n}), x.view());
    const Tensor<Index, D> of_batch =
        labels.empty()
            ? Tensor<Index, D>()
            : model.labels(labels.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(n)));
    model.forward_into(x.view(), z.view(), logdet.view(), logpz.view(), {.labels = of_batch});
    const Scratch<T, Cpu> logdet_here(Shape{n}), logpz_here(Shape{n});
    transfer(View<const T, D>(logdet), logdet_here.view());
    transfer(View<const T, D>(logpz), logpz_here.view());
    for (Index i = 0; i < n; ++i) {
      bits.push_back(
          bits_per_dim(static_cast<double>(logpz_here[i]), static_cast<double>(logdet_here[i]), d, bins));
    }
  }
  return bits;
}

/// The mean of these over all images; the noise of image n is that of random.fork(n).
template <class Net, class T, class D>
double mean_bits_per_dim(const Model<Net, T, D>& model, std::span<const std::uint8_t> pixels, Random random,
                         Index batch) {
  std::vector<Random> noise;
  for (std::size_t n = 0; n < pixels.size() / static_cast<std::size_t>(model.dimensions()); ++n)
    noise.push_back(random.fork(n));
  require<ShapeError>(!noise.empty(), "mean_bits_per_dim: ", pixels.size(), " pixels hold no image ",
                      model.sample_shape());
  double sum = 0;
  for (const double bits : bits_per_dim(model, pixels, noise, batch)) sum += bits;
  return sum / static_cast<double>(noise.size());
}

}  // namespace glow
