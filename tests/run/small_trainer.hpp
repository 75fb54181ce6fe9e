// A model that has trained a little, for tests of checkpoints.
#pragma once

#include <set>

#include <glow/runtime/any_trainer.hpp>

#include "run/checkpoint.hpp"
#include "support.hpp"

namespace glow::test {

/// A model of 4x4 images in colour, with two steps of training behind it.
struct SmallTrainer {
  static app::Config small_config() {
    app::Config c;
    c.depth = 1;
    c.levels = 1;
    c.width = 4;
    c.seed = 3;
    return c;
  }

  app::Config config = small_config();
  Shape image{4, 4, 3};
  Position position{2, 5};
  std::unique_ptr<AnyModel> model = make_model(app::description_of(config, image), "cpu", config.seed);
  std::unique_ptr<AnyTrainer> trainer = model->trainer(config.train_options());

  SmallTrainer() {
    std::vector<std::uint8_t> pixels(8 * 48);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * i * 37 % 251);
    trainer->start(pixels, {});
    for (int step = 0; step < 2; ++step) {
      trainer->submit(pixels, {});
      trainer->wait();
    }
  }

  void save(const std::filesystem::path& path) const {
    app::save_checkpoint(path, trainer->state(), position, config, image);
  }
};

}  // namespace glow::test
