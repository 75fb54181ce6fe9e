// expect: deleted
#include <glow/glow.hpp>

using Step = glow::Flow<glow::ActNorm, glow::Conv1x1, glow::Coupling>;
using Net = glow::MultiScale<glow::Flow<glow::Squeeze, glow::Repeat<Step>>>;

void wrong(const glow::Model<Net>& model, glow::View<const float> x) {
  [[maybe_unused]] const auto z = model.latent(1, model.encode(x).latents.view());
}
