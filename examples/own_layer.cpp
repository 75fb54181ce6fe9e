// A complete layer of one's own, trained inside a Flow: only forward and inverse are written, in tape
// operations; its backward follows from them. The layer squashes every channel, y = asinh(exp(s) x), so that
// wide tails become narrow.
#include <cstdio>

#include <glow/glow.hpp>

struct Squash {
  static constexpr std::string_view name = "squash";

  template <class Leaf>
  struct Params {
    Leaf log_scale;  // s [C]
    void visit(auto&& f) { f("log_scale", log_scale); }
  };

  Params<glow::Shape> declare(const glow::Shape& x) const { return {{x.back()}}; }

  // dy/dx = exp(s) / sqrt(1 + (exp(s) x)^2)
  template <class P, class V>
  V forward(const P& p, V x, V& logdet) const {
    V u = x * exp(p.log_scale);
    logdet += sum_per_sample(p.log_scale - 0.5 * log(1 + square(u)));
    return asinh(u);
  }

  template <class P, class V>
  V inverse(const P& p, V y, V& logdet) const {
    V u = sinh(y);
    logdet -= sum_per_sample(p.log_scale - 0.5 * log(1 + square(u)));
    return u * exp(-p.log_scale);
  }
};

using Coupling = glow::CouplingOf<glow::SigmoidAffine, glow::Mlp>;
using Step = glow::Flow<glow::ActNorm, Squash, glow::Conv1x1, Coupling>;
using Net = glow::MultiScale<glow::Repeat<Step>>;

int main() {
  // Points of a plane: a ring with heavy-tailed noise.
  glow::Model<Net> model(glow::Architecture{.levels = 1, .depth = 6, .width = 32}, glow::Vector{2});
  glow::Trainer<Net> trainer(model, {.learning_rate = 2e-3, .warmup_steps = 20});
  for (std::uint64_t step = 0; step < 500; ++step) {
    glow::Tensor<float> x(model.batch_shape(256)), noise(x.shape());
    fill_normal(x.view(), glow::Random{1, step});
    fill_normal(noise.view(), glow::Random{2, step});
    for (glow::Index n = 0; n < x.batch(); ++n) {
      const float length = std::hypot(x[2 * n], x[2 * n + 1]),
                  spread = noise[2 * n] / (0.1f + std::abs(noise[2 * n + 1]));
      for (int i = 0; i < 2; ++i) x[2 * n + i] *= (2 + 0.1f * spread) / length;
    }
    if (step == 0) trainer.start_on(x.view());
    const glow::StepResult result = trainer.step_on(x.view());
    if (result.step % 100 == 0) std::printf("step %td: -log p(x) %.3f nats\n", result.step, result.nats);
  }
}
