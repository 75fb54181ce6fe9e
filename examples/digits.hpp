// What inpainting.cpp and super_resolution.cpp share: small images in pairs of what is learned and what is
// given, a model of the one conditional on the other, and a sheet of images.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <stb/stb_image_write.h>

#include <glow/data/idx.hpp>
#include <glow/data/sampler.hpp>
#include <glow/glow.hpp>

using Step = glow::Flow<glow::ActNorm, glow::Conv1x1, glow::Coupling>;
using Level = glow::Flow<glow::Squeeze, glow::Repeat<Step>>;
using Net = glow::MultiScale<Level>;

using Pixels = glow::Tensor<std::uint8_t>;  // images [N, H, W, C]

constexpr int bits = 4;  // of each pixel that a model learns

// Images to learn and, for each of them, the image that is given.
struct Pairs {
  Pixels learned, given;
};

// The grey images of an IDX file in random order: nine tenths for training, the others held out.
inline std::pair<Pixels, Pixels> read_images(const char* file) {
  const glow::MemoryDataset all = glow::read_idx_images(std::filesystem::path(file));
  const glow::Shape image = all.shape();
  glow::require(image[0] % 8 == 0 && image[1] % 8 == 0 && image[2] == 1, "'", file, "': images ", image,
                " must be grey, with a height and width that are multiples of 8");
  const glow::Index held = all.size() / 10, rest = all.size() - held;
  glow::require(held >= 8, "'", file, "': ", all.size(), " images are too few; at least 80 are needed");
  Pixels training({rest, image[0], image[1], 1}), held_out({held, image[0], image[1], 1});
  glow::Sampler order(all.size(), /*seed=*/0);
  for (glow::Index n = 0; n < rest; ++n) all.load(order.next(), training.samples(n, 1).data());
  for (glow::Index n = 0; n < held; ++n) all.load(order.next(), held_out.samples(n, 1).data());
  return {std::move(training), std::move(held_out)};
}

// The next `count` pairs in the sampler's order.
inline Pairs draw(const Pairs& pairs, glow::Index count, glow::Sampler& order) {
  Pairs drawn{Pixels(pairs.learned.shape().with_batch(count)), Pixels(pairs.given.shape().with_batch(count))};
  for (glow::Index n = 0; n < count; ++n) {
    const glow::Index i = order.next();
    copy(pairs.learned.samples(i, 1), drawn.learned.samples(n, 1));
    copy(pairs.given.samples(i, 1), drawn.given.samples(n, 1));
  }
  return drawn;
}

// Pixels as a model learns them: with noise within their bins.
inline glow::Tensor<float> dequantized(const Pixels& pixels, glow::Random noise) {
  glow::Tensor<float> x(pixels.shape());
  glow::ops::dequantize(pixels.view(), bits, noise, x.view());
  return x;
}

// Pixels as a context: numbers from -1/2 to 1/2, like those that the model learns, but without noise.
inline glow::Tensor<float> features(const Pixels& pixels) {
  glow::Tensor<float> x(pixels.shape());
  glow::ops::centre_of_bins({pixels.data(), static_cast<std::size_t>(pixels.size())}, bits, x.view());
  return x;
}

inline glow::Shape sample_shape(const Pixels& images) {
  return {images.height(), images.width(), images.channels()};
}

// The context of a model that has one: the given images. A model without one must be given none.
inline glow::Context<float> context_of(const glow::Model<Net>& model, const glow::Tensor<float>& given) {
  if (model.net().context().rank() == 0) return {};
  return {.features = given};
}

// A model of the images to learn, conditional on those that are given or, to compare, on nothing.
inline glow::Model<Net> trained_model(const Pairs& pairs, bool conditional, int steps) {
  glow::Architecture a{.levels = 2, .depth = 4, .width = 64, .learn_top_prior = true};
  if (conditional) a.context = sample_shape(pairs.given);
  glow::Model<Net> model(a, sample_shape(pairs.learned), glow::Pixels{bits});
  glow::Trainer<Net> trainer(model, {.warmup_steps = 50});
  glow::Sampler order(pairs.learned.batch(), /*seed=*/1);
  for (int step = 0; step < steps; ++step) {
    const Pairs batch = draw(pairs, 64, order);
    const auto x = dequantized(batch.learned, glow::Random{2, static_cast<std::uint64_t>(step)});
    const auto given = features(batch.given);
    if (step == 0) trainer.start_on(x.view(), context_of(model, given));
    trainer.step_on(x.view(), context_of(model, given));
  }
  return model;
}

// Mean bits per dimension of the images to learn under a model.
inline double mean_bits(const glow::Model<Net>& model, const Pairs& pairs) {
  const auto x = dequantized(pairs.learned, glow::Random{3, 0}), given = features(pairs.given);
  double log_p = 0;
  for (const float l : model.log_prob(x.view(), context_of(model, given))) log_p += l;
  return glow::bits_per_dim(log_p / static_cast<double>(x.batch()), 0, model.dimensions(), 1 << bits);
}

// `count` samples of the model for one given image [1, H, W, 1].
inline Pixels samples_given(const glow::Model<Net>& model, glow::View<const std::uint8_t> image,
                            glow::Index count, glow::Random random) {
  Pixels repeated(image.shape().with_batch(count));
  for (glow::Index n = 0; n < count; ++n) copy(image, repeated.samples(n, 1));
  const auto given = features(repeated);
  const auto x = model.sample(count, 0.7f, random, 0, {.features = given});
  Pixels pixels(x.shape());
  glow::ops::quantize<float>(x.view(), bits, pixels.view());
  return pixels;
}

// A picture of grey images in rows and columns.
class Sheet {
 public:
  Sheet(glow::Index rows, glow::Index columns)
      : height_(rows * pitch + gap), width_(columns * pitch + gap), pixels_(size(width_ * height_), 255) {}

  // Puts an image [1, H, W, 1] into a cell, enlarged to fill it.
  void put(glow::Index row, glow::Index column, glow::View<const std::uint8_t> image) {
    for (glow::Index y = 0; y < side; ++y) {
      for (glow::Index x = 0; x < side; ++x) {
        const glow::Index from = y * image.height() / side * image.width() + x * image.width() / side;
        pixels_[size((row * pitch + gap + y) * width_ + column * pitch + gap + x)] = image[from];
      }
    }
  }

  // Throws Error if the file cannot be written.
  void write(const char* path) const {
    const int width = static_cast<int>(width_), height = static_cast<int>(height_);
    glow::require(stbi_write_png(path, width, height, 1, pixels_.data(), 0) != 0, "'", path,
                  "' cannot be written");
  }

 private:
  static constexpr glow::Index side = 48, gap = 4, pitch = side + gap;
  static std::size_t size(glow::Index i) { return static_cast<std::size_t>(i); }

  glow::Index height_, width_;
  std::vector<std::uint8_t> pixels_;
};

// The main of an example NAME IMAGES [OUT.png] [STEPS]. Many more than 1000 steps would be too many:
// conditional models come to know the training images by heart.
inline int main_of(const std::string& name, int count, char** words,
                   void (*run)(const char* images, const char* picture, int steps)) {
  if (count < 2 || count > 4) {
    std::fprintf(stderr, "usage: %s IMAGES [OUT.png] [STEPS]\n", name.c_str());
    return 2;
  }
  const std::string picture = count > 2 ? words[2] : name + ".png";
  try {
    run(words[1], picture.c_str(), count > 3 ? std::atoi(words[3]) : 1000);
    std::printf("%s\n", picture.c_str());
  } catch (const glow::Error& e) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), e.what());
    return 1;
  }
  return 0;
}
