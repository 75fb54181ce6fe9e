#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

std::vector<std::uint8_t> pixels_of(Index images, Index size) {
  std::vector<std::uint8_t> p(static_cast<std::size_t>(images * size));
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = static_cast<std::uint8_t>(Random{8, 1}.words(i)[0] >> 24);
  return p;
}

Model<Glow> shaken_model(const Shape& image, Pixels pixels = {}) {
  Model<Glow> model({.levels = 1, .depth = 2, .width = 8, .learn_top_prior = true}, image, pixels);
  shake(model.parameters(), 0.1f);
  model.changed();
  return model;
}

}  // namespace

TEST_CASE("evaluate: bits per dimension have the same bits at any batch and on any number of threads") {
  const auto model = shaken_model({8, 8, 3}, {5});
  const auto pixels = pixels_of(70, 192);
  const double whole = mean_bits_per_dim(model, pixels, Random{1, 2}, 70);
  const int before = threads();
  for (const int n : {1, 3}) {
    set_threads(n);
    for (const Index batch : {1, 7, 64, 1000})
      CHECK(mean_bits_per_dim(model, pixels, Random{1, 2}, batch) == whole);
  }
  set_threads(before);
  CHECK(mean_bits_per_dim(model, pixels, Random{1, 3}, 70) != whole);
}

TEST_CASE("evaluate: an image's bits per dimension are those that it has alone") {
  const Shape image = GENERATE(Shape{8, 8, 1}, Shape{2, 2, 3}, Shape{6, 2, 1});
  const auto model = shaken_model(image);
  const auto pixels = pixels_of(6, image.size());
  std::vector<Random> noise;
  for (std::uint64_t n = 0; n < 6; ++n) noise.push_back(Random{5, 100 - n});
  const auto all = bits_per_dim(model, pixels, noise, 4);
  REQUIRE(all.size() == 6);
  const auto size = static_cast<std::size_t>(image.size());
  for (std::size_t n = 0; n < 6; ++n) {
    const auto alone =
        bits_per_dim(model, std::span(pixels).subspan(n * size, size), std::span(noise).subspan(n, 1), 4);
    REQUIRE(alone.size() == 1);
    CHECK(alone[0] == all[n]);
  }
}

TEST_CASE("evaluate: what cannot be evaluated is refused by name") {
  const auto model = shaken_model({8, 8, 1});
  const auto message = [&](std::size_t size, Index batch) {
    const std::vector<std::uint8_t> pixels(size);
    return message_of([&] { mean_bits_per_dim(model, pixels, Random{1, 2}, batch); });
  };
  CHECK(message(64, 0) == "batch: 0 must be at least 1");
  CHECK(message(64, -3) == "batch: -3 must be at least 1");
  CHECK(contains(message(65, 1), "65 pixels are not a whole number of images 8x8x1"));
  CHECK(contains(message(0, 1), "0 pixels hold no image 8x8x1"));
  const std::vector<Random> two(2);
  CHECK(contains(message_of<ShapeError>([&] { bits_per_dim(model, pixels_of(1, 64), two, 1); }),
                 "2 streams of noise for 1 images"));
}

TEST_CASE("evaluate: of a model with classes, bits per dimension are those given each label") {
  Model<Glow> model({.levels = 1, .depth = 2, .width = 8, .classes = 3}, {4, 4, 1}, Pixels{5});
  shake(model.parameters(), 0.1f);
  model.changed();
  const auto pixels = pixels_of(5, 16);
  const std::vector<Random> noise(5, Random{5, 1});
  const auto given = [&](const std::vector<Index>& labels) {
    return bits_per_dim(model, pixels, noise, 2, labels);
  };
  const auto mixed = given({0, 1, 2, 0, 2}), zeros = given({0, 0, 0, 0, 0}), twos = given({2, 2, 2, 2, 2});
  CHECK((mixed[0] == zeros[0] && mixed[3] == zeros[3]));
  CHECK((mixed[2] == twos[2] && mixed[4] == twos[4]));
  CHECK(zeros[2] != twos[2]);
  CHECK(contains(message_of<ShapeError>([&] { given({0, 1}); }), "bits_per_dim: 2 labels for 5 images"));
  CHECK(contains(message_of([&] { given({0, 1, 2, 0, 3}); }), "label 3 of sample 0 is not one of 0 to 2"));
  CHECK(contains(message_of<ShapeError>([&] { given({}); }), "a label for each of 2 samples is needed"));
}
