// Where the numbers of a step that was not taken ceased to be finite.
#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

std::optional<NotFiniteInStep> found_after(const std::string& parameter, float value, Index element = 0) {
  const Architecture a{.levels = 2, .depth = 2, .width = 8};
  Model<Glow> model(a, {8, 8, 1}, Pixels{8});
  Trainer<Glow> trainer(model, {});
  std::vector<std::uint8_t> images(6 * 64);
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<std::uint8_t>(i * 37);
  trainer.start(images);
  trainer.step(images);
  model.parameters().entry(parameter).value[element] = value;
  model.changed();
  const StepResult r = trainer.step(images);
  const auto found = not_finite_in_step(trainer, images, {}, r.step);
  CHECK(r.taken == !found.has_value());
  return found;
}

}  // namespace

TEST_CASE("not finite in a step: the layer and the verb are named") {
  const float infinity = std::numeric_limits<float>::infinity();
  const auto forward = found_after("level1/step2/actnorm/bias", infinity);
  REQUIRE(forward);
  CHECK(forward->text() == "first in level1/step2/actnorm+conv1x1, forward");
  const auto coupling = found_after("level2/step1/coupling/conv3/bias", infinity);
  REQUIRE(coupling);
  CHECK(coupling->text() == "first in level2/step1/coupling, forward");
  CHECK(!found_after("level1/step2/actnorm/bias", 0.5f));
}

// Changes nothing, and has a gradient that is not finite.
struct Spoilt {
  static constexpr std::string_view name = "spoilt";
  template <class Leaf>
  struct Params {
    Leaf bias;
    template <class F>
    void visit(F&& f) {
      f("bias", bias);
    }
  };
  Params<Shape> declare(const Shape& x) const { return {{x.back()}}; }
  template <class P, class V>
  void forward(const P&, V, V) const {}
  template <class P, class V>
  void inverse(const P&, V, V) const {}
  template <class P, class V>
  void backward(const P&, P& grad, V, V, V) const {
    grad.bias[0] = std::numeric_limits<float>::infinity();
  }
};

TEST_CASE("not finite in a step: a gradient alone is named by its parameter") {
  using SpoiltNet = MultiScale<Flow<Squeeze, Repeat<Flow<ActNorm, Spoilt>>>>;
  Model<SpoiltNet> model(Architecture{.levels = 1, .depth = 1}, {4, 4, 1}, Pixels{8});
  Trainer<SpoiltNet> trainer(model, {});
  std::vector<std::uint8_t> images(4 * 16);
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<std::uint8_t>(i * 37);
  trainer.start(images);
  const StepResult r = trainer.step(images);
  CHECK(!r.taken);
  CHECK(std::isfinite(r.bits_per_dim));
  const auto found = not_finite_in_step(trainer, images, {}, r.step);
  REQUIRE(found);
  CHECK(found->text() == "first in the gradient of level1/step1/spoilt/bias");
}

TEST_CASE("not finite in a step: the same on any number of threads") {
  const int before = threads();
  for (const int n : {1, 2, 5}) {
    set_threads(n);
    const auto found = found_after("level1/step1/conv1x1/log_s", std::numeric_limits<float>::quiet_NaN());
    REQUIRE(found);
    CHECK(found->place == "level1/step1/actnorm+conv1x1");
  }
  set_threads(before);
}
