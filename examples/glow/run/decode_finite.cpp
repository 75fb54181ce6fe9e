#include "run/decode_finite.hpp"

namespace glow::app {

namespace {

// Packed latents of images first ... first + count - 1.
Tensor<float> part_of(const Engine& engine, View<const float> latents, Index first, Index count) {
  const GlowNet& net = engine.net();
  Tensor<float> part(engine.batch_shape(count));
  for (int l = 1; l <= net.levels(); ++l)
    copy(net.latent(l, latents).samples(first, count), net.latent(l, part.view()));
  return part;
}

}  // namespace

Index decode_finite(const Engine& engine, View<const float> latents, std::span<const Index> labels,
                    View<float> x) {
  const Index n = x.batch(), half = n / 2;
  try {
    const Tensor<float> images = engine.decode(latents, labels);
    copy(images.view(), x);
    return 0;
  } catch (const NumericError&) {
    if (n == 1) return 1;
  }
  const Tensor<float> front = part_of(engine, latents, 0, half);
  const Tensor<float> back = part_of(engine, latents, half, n - half);
  const auto at = labels.empty() ? 0 : static_cast<std::size_t>(half);
  return decode_finite(engine, front.view(), labels.first(at), x.samples(0, half)) +
         decode_finite(engine, back.view(), labels.subspan(at), x.samples(half, n - half));
}

}  // namespace glow::app
