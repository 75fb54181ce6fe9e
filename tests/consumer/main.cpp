// A user's program against an installed glow.
#include <iostream>

#include <glow/glow.hpp>

using Step = glow::Flow<glow::ActNorm, glow::Conv1x1, glow::Coupling>;
using Level = glow::Flow<glow::Squeeze, glow::Repeat<Step>>;
using Glow = glow::MultiScale<Level>;

int main() {
  glow::Model<Glow> model(glow::Architecture{.levels = 2, .depth = 1, .width = 8}, {8, 8, 1});
  const auto x = model.sample(2, 0.7f, glow::Random{1, 2});
  std::cout << model.log_prob(x.view())[0] << '\n';
}
