// The data-dependent start: the first loss is near what the data cost, whatever the model and the batch.
#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// Whole numbers drawn one after another.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_{seed, 77} {}
  int below(int n) { return static_cast<int>(random_.words(next_++)[0] % static_cast<std::uint32_t>(n)); }
  Index from(Index first, Index last) { return first + below(static_cast<int>(last - first + 1)); }

 private:
  Random random_;
  std::uint64_t next_ = 0;
};

enum class Data { noise, ramps, one_constant_channel, plain, black, blots, three_plain_channels, kinds };

std::vector<std::uint8_t> images_of(Data data, Index count, const Shape& image, Dice& dice) {
  std::vector<std::uint8_t> pixels;
  for (Index n = 0; n < count; ++n) {
    const int level = dice.below(256), down = dice.below(17) - 8, right = dice.below(17) - 8;
    const Index row = dice.from(0, image[0] - 1), column = dice.from(0, image[1] - 1);
    for (Index y = 0; y < image[0]; ++y) {
      for (Index x = 0; x < image[1]; ++x) {
        for (Index c = 0; c < image[2]; ++c) {
          const auto value = [&]() -> int {
            switch (data) {
              case Data::noise:
                return dice.below(256);
              case Data::ramps:
                return level + down * static_cast<int>(y) + right * static_cast<int>(x);
              case Data::one_constant_channel:
                return c == 0 ? 128 : dice.below(256);
              case Data::plain:
                return level;
              case Data::blots:
                return std::abs(y - row) <= 1 && std::abs(x - column) <= 1 ? 200 : 0;
              case Data::three_plain_channels:
                return 40 + 90 * static_cast<int>(c);
              default:
                return 0;
            }
          };
          pixels.push_back(static_cast<std::uint8_t>(std::clamp(value(), 0, 255)));
        }
      }
    }
  }
  return pixels;
}

// A random model with images for it.
struct Case {
  Dice dice;
  int levels = dice.below(20) == 0 ? 4 : 1 + dice.below(3);
  Architecture architecture{.levels = levels,
                            .depth = dice.below(8) == 0 ? 32 : 1 + dice.below(8),
                            .width = 4,
                            .learn_top_prior = dice.below(2) == 0};
  Shape image{(Index{1} << levels) * dice.from(1, 2), (Index{1} << levels) * dice.from(1, 2),
              dice.from(1, 3)};
  int n_bits = 1 + dice.below(8);
  Data data = static_cast<Data>(dice.below(static_cast<int>(Data::kinds)));
  Model<Glow> model{architecture, image, Pixels{n_bits}, 5};
  Trainer<Glow> trainer{model, {.learning_rate = 1e-30, .seed = 6}};

  explicit Case(std::uint64_t seed) : dice(seed) {}

  std::vector<std::uint8_t> images(Index count) { return images_of(data, count, image, dice); }
  std::string str() const {
    return join(image, ", L", levels, ", K", architecture.depth, ", ", n_bits, " bits, data ",
                static_cast<int>(data));
  }
};

}  // namespace

TEST_CASE("start: the first loss is within two bits of a uniform density's, for 500 models and any batch") {
  const WarningHandler before = on_warning(nullptr);
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Case c(seed);
    const Index most = std::max(Index{1}, 8192 / c.image.size());  // to be quick
    const auto batch = c.images(std::min(most, Index{1} << c.dice.below(6)));
    c.trainer.start(batch);
    INFO(c.str() << ", a batch of " << static_cast<Index>(batch.size()) / c.image.size());
    CHECK(c.trainer.step(batch).bits_per_dim <= c.n_bits + 2);
  }
  on_warning(before);
}

TEST_CASE("start: with as many images as a model asks for, other images are within two bits, too") {
  const WarningHandler before = on_warning(nullptr);
  int tried = 0;
  for (std::uint64_t seed = 1000; seed < 1100; ++seed) {
    Case c(seed);
    if (c.model.start_images() * c.image.size() > 20000) continue;
    ++tried;
    c.trainer.start(c.images(c.model.start_images()));
    for (const Index batch : {1, 16}) {
      INFO(c.str() << ", a batch of " << batch);
      CHECK(c.trainer.step(c.images(batch)).bits_per_dim <= c.n_bits + 2);
    }
  }
  CHECK(tried > 50);
  on_warning(before);
}

TEST_CASE("start: the images that a model asks for have 64 rows, and four a channel, at every level") {
  const auto images = [](const Shape& image, int levels) {
    return Model<Glow>({.levels = levels, .depth = 1, .width = 4}, image).start_images();
  };
  CHECK(images({32, 32, 3}, 3) == 12);  // 4x4 pixels of 48 channels
  CHECK(images({8, 8, 1}, 3) == 64);    // one pixel
  CHECK(images({8, 8, 1}, 1) == 4);     // 16 pixels
  CHECK(images({64, 64, 3}, 2) == 1);
  CHECK(images({64, 64, 3}, 6) == (1 << 24) / (64 * 64 * 3));  // 1536, of which 2^24 numbers hold these
}

TEST_CASE("start: numbers that are not finite are refused by their sample, and nothing has changed") {
  Model<Glow> model(Architecture{.levels = 1, .depth = 1, .width = 4}, {4, 4, 1}, Pixels{8}, 1);
  const auto before = tensors_of(model);
  auto x = normal<float>({5, 4, 4, 1}, 1);
  x[3 * 16 + 7] = std::numeric_limits<float>::quiet_NaN();
  CHECK(message_of<NumericError>([&] { model.start(x.view()); }) ==
        "start: the numbers of x are not all finite; sample 3 is the first of these");
  const auto after = tensors_of(model);
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(same_bits(before[i].value, after[i].value));
}
