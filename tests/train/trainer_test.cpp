#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

constexpr Architecture small{.levels = 2, .depth = 2, .width = 16, .learn_top_prior = true};

std::vector<std::uint8_t> pixels(Index images, std::uint64_t stream) {
  std::vector<std::uint8_t> p(static_cast<std::size_t>(images) * 64);
  for (std::size_t i = 0; i < p.size(); ++i)
    p[i] = static_cast<std::uint8_t>(Random{8, stream}.words(i / 8)[0] >> (i % 8));
  return p;
}

// Parameters after `steps` steps of a fresh model.
Tensor<float> train(int steps, std::uint64_t seed) {
  Model<Glow> model(small, {8, 8, 1}, Pixels{5}, seed);
  Trainer<Glow> trainer(model, {.warmup_steps = 3, .seed = seed});
  for (int s = 0; s < steps; ++s) {
    const auto batch = pixels(32, static_cast<std::uint64_t>(s));
    if (s == 0) trainer.start(batch);
    trainer.step(batch);
  }
  return Tensor<float>(View<const float>(model.parameters().values()));
}

}  // namespace

TEST_CASE("training: the same bits on 1, 2 and 5 threads, other bits for another seed") {
  const int before = threads();
  set_threads(1);
  const auto one = train(5, 1);
  for (const int n : {2, 5}) {
    set_threads(n);
    CHECK(same_bits(train(5, 1), one));
  }
  set_threads(before);
  CHECK(difference(train(5, 2), one) > 1e-3);
}

TEST_CASE("training: Adam's steps are those of its paper") {
  Adam<double> adam(1);
  Tensor<double> x(Shape{1}), g(Shape{1});
  double m = 0, v = 0, want = 0;
  for (int t = 1; t <= 4; ++t) {
    g[0] = 0.3 * t - 0.5;
    m = 0.9 * m + 0.1 * g[0];
    v = 0.999 * v + 0.001 * g[0] * g[0];
    want -= 0.01 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
    adam.step(x.view(), g.view(), 0.01);
    CHECK(std::abs(x[0] - want) < 1e-15);
  }
}

TEST_CASE("training: the rate warms up in a line and stays") {
  Model<Glow> model(small, {8, 8, 1});
  const Trainer<Glow> trainer(model, {.learning_rate = 1e-3, .warmup_steps = 10});
  CHECK(std::abs(trainer.rule().rate(1) - 1e-4) < 1e-18);
  CHECK(std::abs(trainer.rule().rate(5) - 5e-4) < 1e-18);
  CHECK(trainer.rule().rate(10) == 1e-3);
  CHECK(trainer.rule().rate(1000) == 1e-3);
}

TEST_CASE("training: steps that are not finite leave the parameters alone, and stop training after a few") {
  Model<Glow> model(small, {8, 8, 1});
  Trainer<Glow> trainer(model, {.bad_steps_limit = 3});
  trainer.start(pixels(8, 1));
  trainer.step(pixels(8, 1));
  const Tensor<float> before(View<const float>(model.parameters().values()));
  Tensor<float> bad(model.batch_shape(2));
  const auto bad_step = [&] {
    for (float& x : bad) x = std::numeric_limits<float>::infinity();
    return trainer.step_on(bad.view());
  };
  CHECK_FALSE(bad_step().taken);
  CHECK(same_bits<float>(model.parameters().values(), before.view()));
  CHECK(trainer.step(pixels(8, 2)).taken);
  CHECK_FALSE(bad_step().taken);
  CHECK_FALSE(bad_step().taken);
  const Tensor<float> last(View<const float>(model.parameters().values()));
  CHECK(contains(message_of<NumericError>(bad_step), "not finite for 3 steps in a row"));
  CHECK(same_bits<float>(model.parameters().values(), last.view()));
}

TEST_CASE("training: options out of range are named") {
  Model<Glow> model(small, {8, 8, 1});
  const auto message = [&](TrainOptions o) { return message_of([&] { Trainer<Glow> t(model, o); }); };
  CHECK(contains(message({.learning_rate = 0}), "learning_rate: 0"));
  CHECK(contains(message({.learning_rate = std::nan("")}), "learning_rate: nan"));
  CHECK(contains(message({.learning_rate = std::numeric_limits<double>::infinity()}), "learning_rate: inf"));
  CHECK(contains(message({.warmup_steps = -1}), "warmup_steps: -1"));
  CHECK(contains(message({.bad_steps_limit = 0}), "bad_steps_limit: 0"));
  CHECK(contains(message({.adam = {.beta1 = 1}}), "adam.beta1: 1"));
  CHECK(contains(message({.adam = {.beta2 = std::nan("")}}), "adam.beta2: nan"));
  CHECK(contains(message({.adam = {.epsilon = 0}}), "adam.epsilon: 0"));
  Trainer<Glow> trainer(model, {});
  CHECK(contains(message_of<ShapeError>([&] { trainer.step(std::vector<std::uint8_t>(65)); }), "65 pixels"));
}

TEST_CASE("training: the data-dependent start comes before the first step") {
  Model<Glow> model(small, {8, 8, 1});
  const auto start_again = [&](Trainer<Glow>& trainer) {
    return message_of([&] { trainer.start(pixels(8, 1)); });
  };
  Trainer<Glow> stepped(model, {});
  stepped.start(pixels(8, 1));
  CHECK(start_again(stepped) == "");
  stepped.step(pixels(8, 1));
  const Tensor<float> before(View<const float>(model.parameters().values()));
  CHECK(contains(start_again(stepped), "Trainer::start: training has begun, after 1 steps"));
  CHECK(same_bits<float>(model.parameters().values(), before.view()));
  Trainer<Glow> resumed(model, {});
  resumed.set_steps(7, 6);
  CHECK(contains(start_again(resumed), "after 7 steps"));
  Trainer<Glow> on_numbers(model, {});
  const Tensor<float> x(model.batch_shape(2));
  on_numbers.step_on(x.view());
  CHECK(contains(start_again(on_numbers), "training has begun"));
  CHECK(contains(message_of([&] { resumed.set_steps(3, 4); }), "of 3 steps, 4 cannot have been taken"));
  CHECK(contains(message_of([&] { resumed.set_steps(3, 2, 2); }), "the last 2 not finite"));
  CHECK(contains(message_of([&] { resumed.set_steps(-1, -1); }), "of -1 steps"));
}

TEST_CASE("training: batches that the model cannot take are named") {
  Model<Glow> model(small, {8, 8, 1});
  Trainer<Glow> trainer(model, {});
  Tensor<float> wrong({2, 8, 4, 1}), none({0, 8, 8, 1});
  CHECK(contains(message_of<ShapeError>([&] { trainer.step_on(wrong.view()); }),
                 "Trainer::step_on: batch 2x8x4x1 is not [N, 8, 8, 1] of at least one image"));
  CHECK(contains(message_of<ShapeError>([&] { trainer.step_on({}); }), "Trainer::step_on: batch 1 is not"));
  CHECK(contains(message_of<ShapeError>([&] { trainer.loss_gradient(none.view()); }),
                 "Trainer::loss_gradient: batch 0x8x8x1 is not"));
  CHECK(contains(message_of<ShapeError>([&] { trainer.start({}); }), "0 pixels"));
  CHECK(contains(message_of<ShapeError>([&] { trainer.step({}); }), "0 pixels"));
  CHECK(trainer.steps() == 0);
  trainer.start(pixels(8, 1));
}

TEST_CASE("quantization: every bin comes back, for 1 to 8 bits") {
  std::vector<std::uint8_t> all(256), back(256);
  for (std::size_t i = 0; i < 256; ++i) all[i] = static_cast<std::uint8_t>(i);
  Tensor<float> x(Shape{256});
  for (int bits = 1; bits <= 8; ++bits) {
    for (std::uint64_t draw = 0; draw < 20; ++draw) {
      ops::dequantize(View<const std::uint8_t>(all.data(), {256}), bits, Random{1, draw}, x.view());
      ops::quantize<float>(x.view(), bits, back);
      for (std::size_t i = 0; i < 256; ++i) {
        REQUIRE(back[i] == (all[i] >> (8 - bits)) << (8 - bits));
        REQUIRE((x[static_cast<Index>(i)] >= -0.5f && x[static_cast<Index>(i)] < 0.5f));
      }
    }
    ops::centre_of_bins(all, bits, x.view());
    ops::quantize<float>(x.view(), bits, back);
    for (std::size_t i = 0; i < 256; ++i) REQUIRE(back[i] == (all[i] >> (8 - bits)) << (8 - bits));
  }
}

TEST_CASE("quantization: squeezed numbers are those of the pixels in rows, squeezed") {
  const Shape image{3, 20, 34, 3};  // several tasks
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(image.size())), back(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 37 + i / 100);
  const View<const std::uint8_t> view(pixels.data(), image);
  Tensor<float> in_rows(image), expected(Squeeze().output(image)), x(expected.shape());
  ops::dequantize(view, 8, Random{3, 5}, in_rows.view());
  ops::squeeze_forward(in_rows.view(), expected.view());
  ops::dequantize(view, 8, Random{3, 5}, x.view());
  CHECK(same_bits<float>(x.view(), expected.view()));
  ops::quantize<float>(x.view(), 8, View<std::uint8_t>(back.data(), image));
  CHECK(back == pixels);
}

TEST_CASE("quantization: numbers out of range and NaN become 8-bit pixels too") {
  Tensor<float> x(Shape{4});
  x[0] = -3;
  x[1] = 3;
  x[2] = std::numeric_limits<float>::quiet_NaN();
  x[3] = 0.4999f;
  std::vector<std::uint8_t> p(4);
  ops::quantize<float>(x.view(), 8, p);
  CHECK(p == std::vector<std::uint8_t>{0, 255, 0, 255});
  CHECK(contains(message_of([] { bins_of(0); }), "n_bits: 0"));
}

TEST_CASE("bits per dimension: a uniform density over the bins costs n_bits") {
  CHECK(std::abs(bits_per_dim(0, 0, 10, 32) - 5) < 1e-12);
  CHECK(std::abs(bits_per_dim(10 * std::log(2.0), 0, 10, 32) - 4) < 1e-12);
}
