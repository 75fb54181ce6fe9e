// A complete trainer of a small Glow in one file: what a user's program costs to compile.
#include <iostream>
#include <vector>

#include <glow/glow.hpp>

using Step = glow::Flow<glow::ActNorm, glow::Conv1x1, glow::Coupling>;
using Level = glow::Flow<glow::Squeeze, glow::Repeat<Step>>;
using Glow = glow::MultiScale<Level>;

int main() {
  glow::Model<Glow> model(glow::Architecture{.levels = 2, .depth = 4, .width = 64}, {8, 8, 1});
  glow::Trainer<Glow> trainer(model, {.warmup_steps = 20});

  // Stripes under noise, 64 images of 8 bits a pixel.
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(64 * model.dimensions()));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>(i % 4 * 48 + glow::Random{1, 0}.words(i)[0] % 32);
  }
  trainer.start(pixels);
  for (int i = 0; i < 200; ++i) {
    const glow::StepResult r = trainer.step(pixels);
    if (r.step % 50 == 0) std::cout << r.step << ' ' << r.bits_per_dim << '\n';
  }
  const auto images = model.sample(4, 0.7f, glow::Random{1, 1});
  for (const float log_p : model.log_prob(images.view())) std::cout << log_p << '\n';
}
