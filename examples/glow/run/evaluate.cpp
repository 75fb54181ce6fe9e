#include "run/evaluate.hpp"

#include <cmath>
#include <cstring>
#include <exception>

#include "run/pictures.hpp"

namespace glow::app {

namespace {

// Calls fn(images, noise) for batches of the images that can be decoded; returns how many these are.
template <class F>
Index for_each_batch(const Config& config, const Dataset& data, Index first, Index count,
                     const OnSkip& on_skip, F fn) {
  Index decoded = 0;
  for (Index at = first; at < first + count; at += config.batch) {
    const LoadedImages images = load_images(data, at, std::min(config.batch, first + count - at), on_skip);
    std::vector<Random> noise;
    for (const Index i : images.indices) noise.push_back(Random{config.seed, 5}.fork(data.key(i)));
    if (!noise.empty()) fn(images, noise);
    decoded += static_cast<Index>(noise.size());
  }
  return decoded;
}

void require_some(Index decoded, Index count) {
  require<FileError>(decoded > 0, "evaluate: none of ", count, " images can be decoded");
}

// Bits of p(x) for an image x of `dimensions` numbers, from those per dimension of p(x | y) for each y.
double mixture_bits(const std::vector<double>& given, double dimensions) {
  const double least = *std::min_element(given.begin(), given.end());
  double sum = 0;
  for (const double bits : given) sum += std::exp2((least - bits) * dimensions);
  return least - std::log2(sum / static_cast<double>(given.size())) / dimensions;
}

// How many images the classifier names rightly.
Index right_by_head(const AnyModel& model, const LoadedImages& images, int bits) {
  const Tensor<float> x = from_pixels(images.pixels, model.sample_shape(), bits);
  const Tensor<float> latents = model.encode(x.view(), with_labels(images.labels)).latents;
  const auto found = model.classify(latents.view());
  Index right = 0;
  for (std::size_t i = 0; i < found.size(); ++i) right += found[i] == images.labels[i];
  return right;
}

}  // namespace

Evaluation evaluate(const AnyModel& model, const Config& config, const Dataset& data, Index first,
                    Index count, const OnSkip& on_skip) {
  AnyRanks alone;
  return evaluate_together(alone, model, config, data, first, count, on_skip);
}

Evaluation evaluate_together(AnyRanks& ranks, const AnyModel& model, const Config& config,
                             const Dataset& data, Index first, Index count, const OnSkip& on_skip) {
  const auto border = [&](Index rank) { return first + count * rank / ranks.size(); };
  const Index mine = border(ranks.rank());
  std::vector<double> bits;
  std::string not_finite;
  std::exception_ptr failure;
  try {
    for_each_batch(config, data, mine, border(ranks.rank() + 1) - mine, on_skip,
                   [&](const auto& images, const auto& noise) {
                     const auto of_batch =
                         model.bits_per_dim(images.pixels, noise, config.batch, images.labels);
                     bits.insert(bits.end(), of_batch.begin(), of_batch.end());
                   });
  } catch (const NumericError& e) {
    not_finite = e.what();
  } catch (...) {
    failure = std::current_exception();  // once the others have what they wait for
  }
  const auto bytes = std::as_bytes(std::span(bits));
  const auto all_bits = gather(ranks, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  const auto all_not_finite = gather(ranks, not_finite);
  if (failure) std::rethrow_exception(failure);
  Evaluation all;
  for (std::size_t r = 0; r < all_bits.size(); ++r) {
    require<NumericError>(all_not_finite[r].empty(), all_not_finite[r]);
    std::vector<double> of_rank(all_bits[r].size() / sizeof(double));
    std::memcpy(of_rank.data(), all_bits[r].data(), all_bits[r].size());
    for (const double b : of_rank) all.bits_per_dim += b;
    all.images += static_cast<Index>(of_rank.size());
  }
  require_some(all.images, count);
  all.bits_per_dim /= static_cast<double>(all.images);
  return all;
}

Evaluation evaluate_classes(const AnyModel& model, const Config& config, const Dataset& data, Index first,
                            Index count, const OnSkip& on_skip) {
  const auto classes = config.class_names.size();
  const auto dimensions = static_cast<double>(data.shape().size());
  Evaluation all;
  Evaluation::Classes sums;
  Index right = 0, by_head = 0;
  all.images =
      for_each_batch(config, data, first, count, on_skip, [&](const auto& images, const auto& noise) {
        std::vector<std::vector<double>> given;  // [classes][images]
        for (std::size_t y = 0; y < classes; ++y) {
          const std::vector<Index> labels(images.labels.size(), static_cast<Index>(y));
          given.push_back(model.bits_per_dim(images.pixels, noise, config.batch, labels));
        }
        for (std::size_t i = 0; i < images.labels.size(); ++i) {
          std::vector<double> of_image;
          for (const auto& of_class : given) of_image.push_back(of_class[i]);
          all.bits_per_dim += of_image[static_cast<std::size_t>(images.labels[i])];
          sums.bits_per_dim += mixture_bits(of_image, dimensions);
          right += std::min_element(of_image.begin(), of_image.end()) - of_image.begin() == images.labels[i];
        }
        if (config.condition == "priors") by_head += right_by_head(model, images, config.bits);
      });
  require_some(all.images, count);
  const auto n = static_cast<double>(all.images);
  all.bits_per_dim /= n;
  sums.bits_per_dim /= n;
  sums.accuracy = static_cast<double>(right) / n;
  if (config.condition == "priors") sums.head_accuracy = static_cast<double>(by_head) / n;
  all.classes = sums;
  return all;
}

}  // namespace glow::app
