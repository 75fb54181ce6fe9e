// Domains: what numbers are to a model, and in which unit their likelihood is.
#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

using Plane = MultiScale<Repeat<Flow<ActNorm, Conv1x1, CouplingOf<SigmoidAffine, Mlp>>>>;
constexpr Architecture for_planes{.levels = 1, .depth = 2, .width = 8};

}  // namespace

TEST_CASE("domain: images are 8-bit pixels and vectors continuous, unless a model is told") {
  const Architecture a{.levels = 1, .depth = 1, .width = 4};
  CHECK(Model<Glow>(a, {4, 4, 1}).domain().bits() == 8);
  CHECK(Model<Glow>(a, {4, 4, 1}, Pixels{3}, 1).domain().bins() == 8);
  CHECK(Model<Glow>(a, {4, 4, 1}, Continuous()).domain().is_continuous());
  CHECK(Model<Plane>(for_planes, Vector{2}).domain().is_continuous());
  CHECK(Model<Plane>(for_planes, Vector{2}).domain().bins() == 1);
  CHECK(!Model<Plane>(for_planes, Vector{2}, Pixels{5}).domain().is_continuous());
}

TEST_CASE("domain: pixels leave a model's tensors as they were, continuous data add two") {
  const Architecture a{.levels = 1, .depth = 1, .width = 4};
  const Model<Glow> pixels(a, {4, 4, 3}), continuous(a, {4, 4, 3}, Continuous());
  const auto& of_pixels = pixels.parameters().entries();
  const auto& all = continuous.parameters().entries();
  REQUIRE(all.size() == of_pixels.size() + 2);
  CHECK(all[0].name == "domain/bias");
  CHECK(all[1].name == "domain/log_scale");
  CHECK((all[0].role == Role::constant && all[1].role == Role::constant));
  CHECK(all[0].value.shape() == Shape{12});  // squeezed, as the images enter
  for (std::size_t i = 0; i < of_pixels.size(); ++i) CHECK(all[i + 2].name == of_pixels[i].name);
  const auto x = normal<float>(pixels.batch_shape(3), 1);
  CHECK(same_bits(pixels.log_prob(x.view()), continuous.log_prob(x.view())));  // by 0 and 1
}

TEST_CASE("domain: given means and deviations hold from the construction on, whatever the start sees") {
  const Continuous given{.mean = {5, -100}, .deviation = {0.5, 40}};
  Model<Plane, double> model(for_planes, Vector{2}, given, 3), plain(for_planes, Vector{2}, 3);
  const auto z = normal({50, 2}, 1);
  Tensor<double> x = z;
  for (Index n = 0; n < 50; ++n) {
    x[2 * n] = 5 + 0.5 * z[2 * n];
    x[2 * n + 1] = -100 + 40 * z[2 * n + 1];
  }
  const auto agrees = [&] {
    const auto of_x = model.log_prob(x.view()), of_z = plain.log_prob(z.view());
    for (Index n = 0; n < 50; ++n) CHECK(std::abs(of_x[n] - (of_z[n] - std::log(20.0))) <= 1e-10);
  };
  agrees();
  model.start(x.view());
  Model<Plane, double> started(for_planes, Vector{2}, Continuous{.mean = {0, 0}, .deviation = {1, 1}}, 3);
  started.start(z.view());
  std::swap(plain, started);
  agrees();
}

TEST_CASE("domain: continuous images are standardized channel by channel, their pixels as one") {
  Model<Glow, double> model({.levels = 1, .depth = 2, .width = 4}, {4, 2, 2},
                            Continuous{.mean = {10, -7}, .deviation = {2, 0.5}}, 3);
  Model<Glow, double> pixels({.levels = 1, .depth = 2, .width = 4}, {4, 2, 2}, 3);
  const auto z = normal(model.batch_shape(5), 1);
  auto x = z;
  for (Index i = 0; i < x.size(); ++i) x[i] = i % 2 == 0 ? 10 + 2 * z[i] : -7 + 0.5 * z[i];
  const auto code = model.encode(x.view()), of_z = pixels.encode(z.view());
  CHECK(difference(code.latents, of_z.latents) <= 1e-12);
  for (Index n = 0; n < 5; ++n) CHECK(std::abs(code.logdet[n] - of_z.logdet[n]) <= 1e-10);  // 8 log(2 / 2)
  CHECK(difference(model.decode(code.latents.view()), x) <= 1e-12);
}

TEST_CASE("domain: a channel that is constant over the first batch keeps its unit, with a warning") {
  Model<Plane> model(for_planes, Vector{3});
  Tensor<float> x = normal<float>({100, 3}, 1);
  for (Index n = 0; n < 100; ++n) x[3 * n + 1] = 0.1f;
  const auto text = warnings_of([&] { model.start(x.view()); });
  CHECK(contains(text, "of 3 channels, counted from 0, these are constant over the first batch: 1;"));
  const auto& scale = model.parameters().entry("domain/log_scale").value;
  CHECK(scale[1] == 0);
  CHECK(std::abs(scale[0]) > 1e-4f);
}

TEST_CASE("domain: tiny and huge units are no constants") {
  Model<Plane> model(for_planes, Vector{2});
  Tensor<float> x = normal<float>({100, 2}, 1);
  for (Index n = 0; n < 100; ++n) {
    x[2 * n] *= 1e-12f;
    x[2 * n + 1] = 1e12f + 1e9f * x[2 * n + 1];
  }
  CHECK(warnings_of([&] { model.start(x.view()); }) == "");
  for (const float l : model.log_prob(x.view())) CHECK(std::isfinite(l));
}

TEST_CASE("domain: what does not go together is refused by name") {
  const auto refusal = [](auto fn) { return message_of(fn); };
  CHECK(refusal([] { Domain d(Pixels{0}); }) == "n_bits: 0 must be 1 to 8");
  CHECK(refusal([] { Domain d(Continuous{.mean = {1}, .deviation = {}}); }) ==
        "Continuous: 1 means need as many deviations, not 0");
  CHECK(refusal([] { Domain d(Continuous{.mean = {std::nan("")}, .deviation = {1}}); }) ==
        "Continuous: mean nan must be a finite number");
  CHECK(refusal([] { Domain d(Continuous{.mean = {1}, .deviation = {0}}); }) ==
        "Continuous: deviation 0 must be a finite number above 0");
  CHECK(refusal([] { Model<Plane> m(for_planes, Vector{2}, Continuous{.mean = {1}, .deviation = {1}}); }) ==
        "Continuous: 1 means and deviations for samples 2 must be 2, one a channel");
  Model<Plane> model(for_planes, Vector{2});
  Trainer<Plane> trainer(model, {});
  const std::vector<std::uint8_t> pixels(8);
  const std::string wrong =
      "the model's data are continuous numbers, not 8-bit pixels, which this call takes or makes";
  CHECK(refusal([&] { trainer.start(pixels); }) == wrong);
  CHECK(refusal([&] { trainer.step(pixels); }) == wrong);
  CHECK(refusal([&] { mean_bits_per_dim(model, pixels, Random{1, 2}, 4); }) == wrong);
  CHECK(trainer.steps() == 0);
  CHECK(refusal([] { Domain(Pixels()).continuous(); }) ==
        "the model's data are 8-bit pixels, which are not standardized");
}
