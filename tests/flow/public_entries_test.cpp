// What a model's verbs say of arguments that do not fit, before they write anything.
#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// A model of two levels with batches that fit it, and some that do not.
struct Subject {
  Model<Glow> model{Architecture{.levels = 2, .depth = 1, .width = 4, .learn_top_prior = true}, {8, 8, 1}};
  Tensor<float> x = normal<float>(model.batch_shape(3), 1), z = normal<float>(x.shape(), 2),
                dz = normal<float>(x.shape(), 3);
  Tensor<float> entered{model.input_shape(3)}, d_entered{model.input_shape(3)};
  Tensor<float> three{Shape{3}}, two{Shape{2}}, column{{3, 1}};
  Tensor<float> narrow{{3, 8, 4, 1}}, flat{{3, 64}}, none{{0, 8, 8, 1}}, fewer{{2, 8, 8, 1}};
  View<float> without_memory{nullptr, {3, 8, 8, 1}};

  // The text of fn's refusal, which must leave all numbers as they are.
  template <class F>
  std::string refusal(F fn) {
    const Tensor<float> before[] = {x, z, dz};
    const auto text = message_of<ShapeError>(fn);
    CHECK((same_bits(x, before[0]) && same_bits(z, before[1]) && same_bits(dz, before[2])));
    return text;
  }
};

}  // namespace

TEST_CASE("model: batches that it cannot take are refused by every verb") {
  Subject s;
  Model<Glow>& m = s.model;
  const std::string right = " is not [N, 8, 8, 1] of at least one image";
  for (const View<float>& wrong :
       {s.narrow.view(), s.flat.view(), s.none.view(), s.without_memory, View<float>()}) {
    INFO(wrong.shape());
    const auto refuses = [&](const std::string& start, auto fn) {
      const auto text = s.refusal(fn);
      INFO(text);
      CHECK(
          (text.starts_with("Model::" + start + ": batch " + wrong.shape().str()) && text.ends_with(right)));
    };
    refuses("start: x", [&] { m.start(wrong); });
    refuses("forward: x", [&] { m.forward(wrong, {}, {}); });
    refuses("forward_into: latents", [&] { m.forward_into(s.entered.view(), wrong, {}, {}); });
    refuses("inverse: z", [&] { m.inverse(wrong); });
    refuses("inverse_into: latents", [&] { m.inverse_into(wrong, s.entered.view()); });
    refuses("sample_from: eps", [&] { m.sample_from(wrong, 1); });
    refuses("sample_into: eps", [&] { m.sample_into(wrong, s.entered.view(), 1); });
    refuses("backward: z", [&] { m.backward(wrong, s.dz.view(), {}, {}); });
    refuses("encode: x", [&] { m.encode(wrong); });
    refuses("encode: x", [&] { m.log_prob(wrong); });
    refuses("decode: latents", [&] { m.decode(wrong); });
    refuses("latent: packed", [&] { m.latent(1, wrong); });
    refuses("enter: images", [&] { m.enter(wrong, s.entered.view()); });
    refuses("leave: images", [&] { m.leave(s.entered.view(), wrong); });
  }
  CHECK(contains(s.refusal([&] { m.sample(0, 1, {}); }), "batch 0x8x8x1"));
  CHECK(contains(s.refusal([&] { m.sample(-1, 1, {}); }), "-1"));
}

TEST_CASE("model: log-determinants and cotangents of another length are refused") {
  Subject s;
  Model<Glow>& m = s.model;
  const auto x = s.x.view(), z = s.z.view(), dz = s.dz.view(), in = s.entered.view(),
             d_in = s.d_entered.view();
  const auto ignore = [](int, View<float>, View<float>) {};
  KeptGroups<Cpu> kept(Activations::fast, 1 << 20);
  for (const View<float>& wrong : {s.two.view(), s.column.view()}) {
    const std::string is = " " + wrong.shape().str() + " of a batch of 3 must be [3], or empty";
    CHECK(s.refusal([&] { m.forward(x, wrong, {}); }) == "Model::forward: logdet" + is);
    CHECK(s.refusal([&] { m.forward(x, {}, wrong); }) == "Model::forward: logpz" + is);
    CHECK(s.refusal([&] { m.forward(x, wrong, {}, ignore); }) == "Model::forward: logdet" + is);
    CHECK(s.refusal([&] { m.forward(x, {}, wrong, ignore); }) == "Model::forward: logpz" + is);
    CHECK(s.refusal([&] { m.forward_into(in, z, wrong, {}); }) == "Model::forward_into: logdet" + is);
    CHECK(s.refusal([&] { m.forward_into(in, z, {}, wrong); }) == "Model::forward_into: logpz" + is);
    CHECK(s.refusal([&] { m.forward_into(in, z, wrong, {}, kept); }) == "Model::forward_into: logdet" + is);
    CHECK(s.refusal([&] { m.inverse(z, wrong); }) == "Model::inverse: logdet" + is);
    CHECK(s.refusal([&] { m.inverse_into(z, in, wrong); }) == "Model::inverse_into: logdet" + is);
    CHECK(s.refusal([&] { m.backward(z, dz, wrong, {}); }) == "Model::backward: dlogdet" + is);
    CHECK(s.refusal([&] { m.backward(z, dz, {}, wrong); }) == "Model::backward: dlogpz" + is);
    CHECK(s.refusal([&] { m.backward_into(z, dz, in, d_in, wrong, {}); }) ==
          "Model::backward_into: dlogdet" + is);
    CHECK(s.refusal([&] { m.backward_into(z, dz, in, d_in, {}, wrong); }) ==
          "Model::backward_into: dlogpz" + is);
  }
  for (const View<float>& wrong : {s.fewer.view(), View<float>()}) {
    const std::string is = "dz " + wrong.shape().str() + " must have the shape of the latents, 3x8x8x1";
    CHECK(s.refusal([&] { m.backward(z, wrong, {}, {}); }) == "Model::backward: " + is);
    CHECK(s.refusal([&] { m.backward_into(z, wrong, in, d_in, {}, {}); }) == "Model::backward_into: " + is);
  }
}

TEST_CASE(
    "model: images in another shape than they enter in, or in the memory of their latents, are refused") {
  Subject s;
  Model<Glow>& m = s.model;
  const auto z = s.z.view(), dz = s.dz.view(), in = s.entered.view();
  const std::string shape = "images 3x8x8x1 of latents 3x8x8x1 must be 3x4x4x4, see input_shape";
  CHECK(s.refusal([&] { m.forward_into(s.x.view(), z, {}, {}); }) == "Model::forward_into: " + shape);
  CHECK(s.refusal([&] { m.inverse_into(z, s.x.view()); }) == "Model::inverse_into: " + shape);
  CHECK(s.refusal([&] { m.backward_into(z, dz, s.x.view(), in, {}, {}); }) ==
        "Model::backward_into: " + shape);
  CHECK(contains(s.refusal([&] { m.backward_into(z, dz, in, s.x.view(), {}, {}); }), "images 3x8x8x1 of dz"));
  CHECK(s.refusal([&] { m.forward_into(z.as(in.shape()), z, {}, {}); }) ==
        "Model::forward_into: images and latents must not be the same memory");
  CHECK(contains(s.refusal([&] { m.inverse_into(z, {}); }), "images 1 of latents"));
}

TEST_CASE("model: levels that it has not are refused") {
  Subject s;
  for (const int level : {-1, 0, 3}) {
    CHECK(s.refusal([&] { s.model.latent(level, s.x.view()); }) ==
          join("Model::latent: level ", level, " must be 1 to 2"));
  }
  const Tensor<float>& code = s.x;
  CHECK(s.model.latent(2, code.view()).end() == code.end());
}

TEST_CASE("model: temperatures that are negative or not finite are refused") {
  Subject s;
  for (const float t :
       {-0.5f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const auto refuses = [&](auto fn) {
      CHECK(message_of(fn) == join("temperature: ", t, " must be a finite number of at least 0"));
    };
    refuses([&] { s.model.sample(2, t, {}); });
    refuses([&] { s.model.sample_from(s.z.view(), t); });
    refuses([&] { s.model.sample_into(s.z.view(), s.entered.view(), t); });
  }
}
