#include "run/presets.hpp"

#include "run/config.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

}  // namespace

TEST_CASE("presets: the preset of the digits") {
  const Config c = config_from_json(preset("digits"));
  CHECK(c.data == "digits");
  CHECK(c.train_images(1797) == 1600);
  CHECK(c.bits == 4);
  CHECK(c.depth == 4);
  CHECK(c.levels == 2);
  CHECK(c.width == 64);
  CHECK(c.batch == 64);
  CHECK(c.lr == 1e-3);
  CHECK(c.warmup_steps == 25);
  CHECK(c.steps == 1000);
  CHECK(c.learn_top_prior);
}

TEST_CASE("presets: the preset of Fashion-MNIST trains on the first 60,000 images") {
  const Config c = config_from_json(preset("fashion-mnist"));
  CHECK(c.data == "/usr/share/datasets/fashion-mnist");
  CHECK(c.train_images(70'000) == 60'000);
  CHECK(c.bits == 8);
  CHECK(c.levels == 2);
  c.check_levels({28, 28, 1});
  c.check_training();
}

TEST_CASE("presets: the preset of the reference's run on CelebA") {
  Config c = config_from_json(preset("reference-celeba64"));
  const auto size = c.image_size();
  REQUIRE(size);
  CHECK(size->height == 64);
  CHECK(size->width == 64);
  CHECK(c.bits == 5);
  CHECK(c.depth == 16);
  CHECK(c.levels == 3);
  CHECK(c.width == 512);
  CHECK(c.batch == 64);
  CHECK(c.lr == 1e-3);
  CHECK(c.epochs == 13);
  CHECK(c.temperature == 0.7);
  c.resolve(6400);
  CHECK(c.steps == 1300);
  CHECK(c.warmup_steps == 100);  // an epoch
  const AdamOptions adam = c.train_options().adam;
  CHECK(adam.beta1 == 0.9);
  CHECK(adam.beta2 == 0.999);
}

TEST_CASE("presets: another one is refused with those that there are") {
  CHECK(message_of([] { preset("celeba"); }) ==
        "preset: 'celeba' is none of digits, fashion-mnist, reference-celeba64");
}
