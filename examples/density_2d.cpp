// Densities of the plane: two moons, rings and eight Gaussians. A flow of splines learns each from samples,
// and the picture shows the samples above and the density below.
//
//     density_2d [OUT.png] [STEPS]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

#include <stb/stb_image_write.h>

#include <glow/glow.hpp>

using Coupling = glow::CouplingOf<glow::RationalQuadratic<8>, glow::Mlp>;
using Step = glow::Flow<glow::ActNorm, glow::Conv1x1, Coupling>;
using Net = glow::MultiScale<glow::Repeat<Step>>;

constexpr glow::Index side = 240;  // of a panel, in pixels
constexpr float reach = 4;         // a panel shows [-reach, reach] x [-reach, reach]

using Data = glow::Tensor<float> (*)(glow::Index count, glow::Random random);

// Points that `place` makes of a uniform number, shifted by noise of deviation `noise`.
template <class Place>
glow::Tensor<float> points(glow::Index count, glow::Random random, float noise, Place place) {
  glow::Tensor<float> x(glow::Shape{count, 2}), u(glow::Shape{count});
  fill_normal(x.view(), random.fork(0), noise);
  fill_uniform(u.view(), random.fork(1));
  for (glow::Index n = 0; n < count; ++n) {
    const auto [a, b] = place(u[n]);
    x[2 * n] += a;
    x[2 * n + 1] += b;
  }
  return x;
}

constexpr float pi = std::numbers::pi_v<float>;
using Point = std::pair<float, float>;

Point on_circle(float radius, float turn) {
  return {radius * std::cos(2 * pi * turn), radius * std::sin(2 * pi * turn)};
}

glow::Tensor<float> moons(glow::Index count, glow::Random random) {
  return points(count, random, 0.15f, [](float u) {
    const float angle = pi * std::fmod(2 * u, 1.0f);
    const Point p{2 * std::cos(angle) - 1, 2 * std::sin(angle) - 0.5f};
    return u < 0.5f ? p : Point{-p.first, -p.second};
  });
}

glow::Tensor<float> rings(glow::Index count, glow::Random random) {
  return points(count, random, 0.1f, [](float u) {
    return on_circle(1 + std::floor(3 * u), 3 * u);  // radius 1, 2 or 3
  });
}

glow::Tensor<float> eight_gaussians(glow::Index count, glow::Random random) {
  return points(count, random, 0.25f, [](float u) { return on_circle(2.5f, std::floor(8 * u) / 8); });
}

// The pixel of a panel in which a point lies, or -1 outside.
glow::Index pixel_of(float x, float y) {
  const auto to_pixel = [](float v) {
    return static_cast<glow::Index>(std::floor((v / reach + 1) / 2 * side));
  };
  const glow::Index column = to_pixel(x), row = side - 1 - to_pixel(y);
  return column < 0 || column >= side || row < 0 || row >= side ? -1 : row * side + column;
}

// The middles of a panel's pixels, row by row.
glow::Tensor<float> grid() {
  glow::Tensor<float> x(glow::Shape{side * side, 2});
  for (glow::Index i = 0; i < side * side; ++i) {
    x[2 * i] = ((static_cast<float>(i % side) + 0.5f) / side * 2 - 1) * reach;
    x[2 * i + 1] = (1 - (static_cast<float>(i / side) + 0.5f) / side * 2) * reach;
  }
  return x;
}

// Writes values [side * side] of 0 to 1 into panel (row, column) of the picture, dark blue to yellow.
void draw(std::vector<unsigned char>& picture, int row, int column, const std::vector<float>& values) {
  for (glow::Index i = 0; i < side * side; ++i) {
    const float v = std::sqrt(std::min(1.0f, values[static_cast<std::size_t>(i)]));
    const glow::Index at = ((row * side + i / side) * 3 * side + column * side + i % side) * 3;
    const float colour[3] = {255 * v, 30 + 200 * v * v, 70 + 90 * v * (1 - v)};
    for (int c = 0; c < 3; ++c)
      picture[static_cast<std::size_t>(at + c)] = static_cast<unsigned char>(colour[c]);
  }
}

int main(int count, char** words) {
  const char* const path = count > 1 ? words[1] : "density_2d.png";
  const int steps = count > 2 ? std::atoi(words[2]) : 1500;
  std::vector<unsigned char> picture(static_cast<std::size_t>(2 * side * 3 * side * 3));
  const auto cells = static_cast<std::size_t>(side * side);
  const std::pair<const char*, Data> sets[] = {
      {"two moons", moons}, {"rings", rings}, {"eight Gaussians", eight_gaussians}};
  for (int i = 0; i < 3; ++i) {
    const auto [name, data] = sets[i];
    glow::Model<Net> model(glow::Architecture{.levels = 1, .depth = 8, .width = 64}, glow::Vector{2});
    glow::Trainer<Net> trainer(model, {.learning_rate = 2e-3});
    const auto all = data(20000, glow::Random{1, 1}), held_out = data(10000, glow::Random{1, 2});
    trainer.start_on(all.view());
    for (int step = 0; step < steps; ++step) {
      const auto batch = data(256, glow::Random{2, static_cast<std::uint64_t>(step)});
      trainer.step_on(batch.view());
    }

    double log_p = 0;
    for (const float l : model.log_prob(held_out.view())) log_p += l / 10000.0;
    std::printf("%s: log p(x) of held-out points %.3f nats\n", name, log_p);

    std::vector<float> seen(cells), density(cells);
    for (glow::Index n = 0; n < all.batch(); ++n) {
      const glow::Index at = pixel_of(all[2 * n], all[2 * n + 1]);
      if (at >= 0) seen[static_cast<std::size_t>(at)] += 0.3f;
    }
    const auto x = grid();
    const auto of_grid = model.log_prob(x.view());
    float highest = 0;
    for (std::size_t k = 0; k < cells; ++k) {
      density[k] = std::exp(of_grid[static_cast<glow::Index>(k)]);
      highest = std::max(highest, density[k]);
    }
    for (float& d : density) d /= highest;
    draw(picture, 0, i, seen);
    draw(picture, 1, i, density);
  }
  if (stbi_write_png(path, 3 * side, 2 * side, 3, picture.data(), 0) == 0) {
    std::fprintf(stderr, "density_2d: '%s' cannot be written\n", path);
    return 1;
  }
  std::printf("%s\n", path);
}
