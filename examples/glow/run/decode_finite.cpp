#include "run/decode_finite.hpp"

namespace glow::app {

namespace {

// Packed latents of images first ... first + count - 1.
Tensor<float> part_of(const AnyModel& model, View<const float> latents, Index first, Index count) {
  Tensor<float> part(model.batch_shape(count));
  for (int l = 1; l <= model.levels(); ++l)
    copy(model.latent(l, latents).samples(first, count), model.latent(l, part.view()));
  return part;
}

}  // namespace

Index decode_finite(const AnyModel& model, View<const float> latents, std::span<const Index> labels,
                    View<float> x) {
  const Index n = x.batch(), half = n / 2;
  try {
    const Tensor<float> images = model.decode(latents, with_labels(labels));
    copy(images.view(), x);
    return 0;
  } catch (const NumericError&) {
    if (n == 1) return 1;
  }
  const Tensor<float> front = part_of(model, latents, 0, half);
  const Tensor<float> back = part_of(model, latents, half, n - half);
  const auto at = labels.empty() ? 0 : static_cast<std::size_t>(half);
  return decode_finite(model, front.view(), labels.first(at), x.samples(0, half)) +
         decode_finite(model, back.view(), labels.subspan(at), x.samples(half, n - half));
}

}  // namespace glow::app
