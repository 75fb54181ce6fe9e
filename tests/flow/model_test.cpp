#include <set>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

template <class T = double>
Model<Glow, T> shaken_model(const Shape& image, const Architecture& a) {
  Model<Glow, T> model(a, image, 3);
  shake(model.parameters(), T(0.05));
  model.changed();
  return model;
}

}  // namespace

TEST_CASE(
    "model: encode and decode undo one another for many sizes, also not square, and 1, 2, 3 or 5 channels") {
  for (const Shape& image : {Shape{8, 8, 3}, Shape{8, 4, 1}, Shape{4, 12, 2}, Shape{16, 8, 5}}) {
    for (const bool top : {false, true}) {
      const auto model = shaken_model(image, {.levels = 2, .depth = 2, .width = 8, .learn_top_prior = top});
      const auto x = normal(model.batch_shape(3), 1, 0.3);
      const auto code = model.encode(x.view());
      CHECK(difference(model.decode(code.latents.view()), x) <= 1e-11);
      const auto single =
          shaken_model<float>(image, {.levels = 2, .depth = 2, .width = 8, .learn_top_prior = top});
      const auto y = normal<float>(single.batch_shape(3), 1, 0.3f);
      const auto single_code = single.encode(y.view());
      CHECK(difference(single.decode(single_code.latents.view()), y) <= 1e-5);
    }
  }
}

TEST_CASE("model: without a seed its parameters are zeros, to be written") {
  const Architecture a{.levels = 2, .depth = 2, .width = 4};
  const auto drawn = shaken_model({8, 4, 1}, a);
  Model<Glow, double> blank(a, {8, 4, 1}, std::nullopt);
  for (const double v : blank.parameters().values()) REQUIRE(v == 0);
  for (const auto& e : drawn.parameters().entries()) {
    if (e.role != Role::derived) copy(e.value, blank.parameters().entry(e.name).value);
  }
  blank.changed();
  const auto x = normal(drawn.batch_shape(3), 1, 0.3);
  CHECK(same_bits<double>(blank.log_prob(x.view()), drawn.log_prob(x.view())));
}

TEST_CASE("model: latents of all levels have their shapes and cover the image") {
  const auto model = shaken_model({16, 8, 3}, {.levels = 3, .depth = 1, .width = 4});
  Tensor<double> x(model.batch_shape(2));
  CHECK(model.latent(1, x.view()).shape() == Shape{2, 8, 4, 6});
  CHECK(model.latent(2, x.view()).shape() == Shape{2, 4, 2, 12});
  CHECK(model.latent(3, x.view()).shape() == Shape{2, 2, 1, 48});
  CHECK(model.latent(3, x.view()).end() == x.end());
}

TEST_CASE("model: log p(x) of a batch is that of its images alone") {
  const auto model = shaken_model({8, 8, 1}, {.levels = 2, .depth = 2, .width = 8});
  const auto x = normal(model.batch_shape(5), 1, 0.3);
  const auto all = model.log_prob(x.view());
  for (Index n = 0; n < 5; ++n) {
    const auto one = model.log_prob(x.samples(n, 1));
    CHECK(std::abs(one[0] - all[n]) <= 1e-10 * std::abs(all[n]));
  }
}

TEST_CASE("model: a batch has the same bits however many threads share its images") {
  const int before = threads();
  const auto model =
      shaken_model<float>({8, 8, 3}, {.levels = 2, .depth = 2, .width = 8, .learn_top_prior = true});
  for (const Index batch : {1, 3, 8, 150}) {
    const auto x = normal<float>(model.batch_shape(batch), 1, 0.3f);
    set_threads(1);
    const auto code = model.encode(x.view());
    const auto drawn = model.sample(batch, 0.7f, Random{1, 2});
    for (const int n : {2, 4}) {
      set_threads(n);
      const auto again = model.encode(x.view());
      CHECK(same_bits<float>(again.latents.view(), code.latents.view()));
      CHECK(same_bits<float>(again.logdet.view(), code.logdet.view()));
      CHECK(same_bits<float>(again.logpz.view(), code.logpz.view()));
      CHECK(same_bits(model.sample(batch, 0.7f, Random{1, 2}), drawn));
      CHECK(difference(model.decode(again.latents.view()), x) <= 1e-5);
    }
  }
  set_threads(before);
}

TEST_CASE("model: sample i of a seed is the same whatever the count and the batch") {
  const auto model =
      shaken_model<float>({8, 8, 3}, {.levels = 2, .depth = 2, .width = 8, .learn_top_prior = true});
  const Random random{3, 1};
  const auto sixteen = model.sample(16, 0.7f, random);
  const auto eight = model.sample(8, 0.7f, random), two = model.sample(2, 0.7f, random),
             last = model.sample(5, 0.7f, random, 9);
  CHECK(same_bits<float>(eight.view(), sixteen.samples(0, 8)));
  CHECK(same_bits<float>(two.view(), sixteen.samples(0, 2)));
  CHECK(same_bits<float>(last.view(), sixteen.samples(9, 5)));
  CHECK(difference<float>(sixteen.samples(0, 1), sixteen.samples(1, 1)) > 0.01);
}

TEST_CASE("model: draws of an image's latents are apart from one another and N(0, 1)") {
  const MultiScale<Level> net(Architecture{.levels = 2, .depth = 1, .width = 4});
  Tensor<double> eps(Shape{500, 8, 8, 1});
  net.draw(eps.view(), Random{3, 1});
  std::set<double> seen(eps.begin(), eps.end());
  CHECK(seen.size() == 500 * 64);
  double sum = 0, squares = 0;
  for (const double v : eps) {
    sum += v;
    squares += v * v;
  }
  CHECK(std::abs(sum / 32000) < 0.02);
  CHECK(std::abs(squares / 32000 - 1) < 0.04);
}

TEST_CASE("model: sampling from eps, and at temperature 0 from nothing but the means") {
  const auto model = shaken_model({8, 8, 1}, {.levels = 2, .depth = 2, .width = 8, .learn_top_prior = true});
  const auto a = model.sample(3, 0.7, Random{1, 1}), b = model.sample(3, 0.7, Random{1, 1}),
             c = model.sample(3, 0.7, Random{1, 2});
  CHECK(same_bits<double>(a.view(), b.view()));
  CHECK(difference(a, c) > 0.01);
  auto eps = normal(model.batch_shape(3), 4);
  Tensor<double> scaled = eps;
  for (double& v : scaled) v *= 0.7;
  model.sample_from(eps.view(), 0.7);
  model.sample_from(scaled.view(), 1);
  CHECK(difference(eps, scaled) <= 1e-12);
  const auto cold = model.sample(2, 0, Random{1, 1});
  CHECK(same_bits<double>(cold.samples(0, 1), cold.samples(1, 1)));
}

TEST_CASE("model: a fresh one scores N(0, I) latents as what they are") {
  const Model<Glow, double> model(Architecture{.levels = 2, .depth = 1, .width = 4, .learn_top_prior = true},
                                  {4, 4, 1});
  const auto x = normal(model.batch_shape(2), 1);
  const auto code = model.encode(x.view());
  for (Index n = 0; n < 2; ++n) {
    double logpz = 0;
    for (const int l : {1, 2}) {
      auto latents = code.latents;
      const auto z = model.latent(l, latents.view()).samples(n, 1);
      for (const double v : z) logpz += -v * v / 2 - std::log(2 * std::numbers::pi) / 2;
    }
    CHECK(std::abs(logpz - code.logpz[n]) < 1e-10);
  }
}

TEST_CASE("model: gradients through all levels, priors included, agree with central differences") {
  for (const bool top : {false, true}) {
    auto model = shaken_model({8, 4, 1}, {.levels = 2, .depth = 1, .width = 4, .learn_top_prior = top});
    Trainer<Glow, double> trainer(model, {});
    const auto x = normal(model.batch_shape(3), 1, 0.3);
    const auto loss = [&] {
      Tensor<double> copy = x;
      return trainer.loss_gradient(copy.view());
    };
    loss();
    const Tensor<double> gradient(View<const double>(model.parameters().gradient()));
    const auto values = model.parameters().values();
    for (Index i = 0; i < values.size(); i += 1 + values.size() / 300) {
      const double numeric = central_difference(values[i], [&] {
        model.changed();
        return loss();
      });
      CHECK(std::abs(numeric - gradient[i]) <= 1e-6);
    }
  }
}

TEST_CASE("model: a level that takes its input squeezed gives the bits of one that squeezes it itself") {
  using Whole = MultiScale<Flow<Level>>;  // no Squeeze to be seen from outside
  static_assert(begins_with_squeeze<Level> && !begins_with_squeeze<Flow<Level>>);
  for (const int levels : {1, 2, 3}) {
    const Architecture a{.levels = levels, .depth = 2, .width = 8};
    Model<Glow> model(a, {16, 8, 3});
    Model<Whole> whole(a, {16, 8, 3});
    CHECK(model.input_shape(2) == Shape{2, 8, 4, 12});
    CHECK(whole.input_shape(2) == whole.batch_shape(2));
    shake(model.parameters(), 0.02f);
    for (std::size_t i = 0; i < model.parameters().entries().size(); ++i) {
      copy(model.parameters().entries()[i].value, whole.parameters().entries()[i].value);
    }
    model.changed();
    whole.changed();
    Trainer<Glow> trainer(model, {});
    Trainer<Whole> whole_trainer(whole, {});
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(6 * model.dimensions()));
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 37 + i / 100);
    for (int step = 0; step < 2; ++step) {
      CHECK(trainer.step(pixels).bits_per_dim == whole_trainer.step(pixels).bits_per_dim);
    }
    CHECK(same_bits<float>(model.parameters().values(), whole.parameters().values()));
    const auto x = model.sample(6, 0.7f, Random{1, 2});
    CHECK(same_bits(x, whole.sample(6, 0.7f, Random{1, 2})));
    CHECK(same_bits(model.encode(x.view()).latents, whole.encode(x.view()).latents));
    auto dx = x, whole_dx = x;
    trainer.loss_gradient(dx.view());
    whole_trainer.loss_gradient(whole_dx.view());
    CHECK(same_bits<float>(dx.view(), whole_dx.view()));
  }
}

TEST_CASE("model: images in the wrong order of pixels are named") {
  Model<Glow> model({.levels = 1, .depth = 1, .width = 4}, {4, 4, 1});
  Tensor<float> x(model.batch_shape(2)), z(model.batch_shape(2));
  CHECK(contains(message_of<ShapeError>([&] { model.inverse_into(z.view(), x.view()); }),
                 "Model::inverse_into: images 2x4x4x1 of latents 2x4x4x1 must be 2x2x2x4"));
}

TEST_CASE("model: shapes that it cannot take are named with layer, level, extent and value") {
  const auto make = [](Shape image, Architecture a) {
    return message_of<ShapeError>([&] { Model<Glow> m(a, image); });
  };
  CHECK(make({28, 28, 1}, {.levels = 3, .depth = 1, .width = 4}) ==
        "Squeeze at level 3: height 7 must be even (input is 1x7x7x4)");
  CHECK(contains(make({8, 6, 1}, {.levels = 2, .depth = 1, .width = 4}),
                 "Squeeze at level 2: width 3 must be even"));
  CHECK(contains(make({8, 8}, {}), "must be [H, W, C]"));
  CHECK(contains(make({8, 8, 1}, {.levels = 0}), "levels 0 must be at least 1"));
  CHECK(contains(make({8, 8, 1}, {.levels = 1, .depth = 0}), "depth 0 must be at least 1"));
  CHECK(contains(make({8, 8, 1}, {.levels = 1, .depth = 1, .width = 0}), "width 0 must be at least 1"));
  Model<Glow> model(Architecture{.levels = 2, .depth = 1, .width = 4}, {8, 8, 1});
  Tensor<float> wrong({2, 8, 4, 1});
  CHECK(contains(message_of<ShapeError>([&] { model.log_prob(wrong.view()); }),
                 "Model::encode: x: batch 2x8x4x1 is not [N, 8, 8, 1] of at least one image"));
  CHECK(contains(message_of<ShapeError>([] {
                   Model<MultiScale<Step>> m(Architecture{.levels = 1}, {4, 4, 1});
                 }),
                 "Coupling at level 1: 1 channel cannot be split"));
}

TEST_CASE("model: parameters are named, lie in one block and are found") {
  Model<Glow> model(Architecture{.levels = 2, .depth = 2, .width = 4, .learn_top_prior = true}, {8, 8, 1});
  const auto& p = model.parameters();
  Index total = 0;
  const float* at = p.values().data();
  for (const auto& e : p.entries()) {
    if (!is_trainable(e.role)) continue;
    CHECK(e.value.data() == at);
    at += e.value.size();
    total += e.value.size();
  }
  CHECK(total == p.values().size());
  CHECK(p.entry("level2/step1/coupling/conv3/kernel").value.shape() == Shape{3, 3, 4, 8});
  CHECK(p.entry("level1/split/prior/bias").gradient.shape() == Shape{4});
  CHECK(contains(message_of([&] { p.entry("level9"); }), "no tensor named 'level9'"));
}

TEST_CASE("flow: a name that stands twice is numbered") {
  const Flow<ActNorm, ActNorm> flow;
  const Parameters<Flow<ActNorm, ActNorm>, float> p(flow, {1, 1, 1, 2});
  CHECK(p.entries()[0].name == "actnorm/bias");
  CHECK(p.entries()[2].name == "actnorm_2/bias");
}

TEST_CASE("flow: a repeated step must keep its shape") {
  CHECK(contains(message_of<ShapeError>([] {
                   Repeat<Squeeze>(2).declare({1, 4, 4, 1});
                 }),
                 "makes 1x2x2x4 of 1x4x4x1"));
}
