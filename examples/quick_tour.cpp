// The library in one page: a model, its training on images in memory, likelihoods, samples, latents.
#include <cstdio>

#include <glow/glow.hpp>

using Step = glow::Flow<glow::ActNorm, glow::Conv1x1, glow::Coupling>;
using Level = glow::Flow<glow::Squeeze, glow::Repeat<Step>>;
using Glow = glow::MultiScale<Level>;

int main() {
  // Images of 8x8 grey pixels: smooth ramps of random steepness.
  glow::Model<Glow> model(glow::Architecture{.levels = 2, .depth = 4, .width = 32}, {8, 8, 1},
                          glow::Pixels{5},
                          /*seed=*/1);
  glow::Trainer<Glow> trainer(model, {.warmup_steps = 10});
  std::vector<std::uint8_t> batch(64 * 64);
  for (std::uint64_t step = 0; step < 200; ++step) {
    for (std::uint64_t n = 0; n < 64; ++n) {
      const auto w = glow::Random{3, step}.words(n);
      for (std::uint64_t p = 0; p < 64; ++p) {
        batch[n * 64 + p] = static_cast<std::uint8_t>((w[0] % 16 * (p % 8) + w[1] % 16 * (p / 8)) & 255);
      }
    }
    if (step == 0) trainer.start(batch);
    const glow::StepResult result = trainer.step(batch);
    if (result.step % 50 == 0) std::printf("step %td: %.3f bits/dim\n", result.step, result.bits_per_dim);
  }

  const glow::Tensor<float> x = model.sample(4, 0.7f, glow::Random{4, 0});  // four images at temperature 0.7
  const glow::Tensor<float> log_p = model.log_prob(x.view());               // log p(x) of each, in nats
  const glow::Encoding<float> code = model.encode(x.view());                // latents of all levels
  const glow::Tensor<float> again = model.decode(code.latents.view());      // the images once more
  const glow::View<const float> finest = model.latent(1, code.latents.view());  // latent of the finest level
  std::printf("log p %.1f, finest latent %s, error of reconstruction %.1e\n", log_p[0],
              finest.shape().str().c_str(), static_cast<double>(std::abs(x[0] - again[0])));
}
