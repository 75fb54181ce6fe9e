#include "run/presets.hpp"

#include <glow/core/error.hpp>

#include "data/idx_files.hpp"

namespace glow::app {

nlohmann::json preset(const std::string& name) {
  if (name == "digits") {
    return {{"data", "digits"},
            {"train_split", 1600},
            {"bits", 4},
            {"depth", 4},
            {"levels", 2},
            {"width", 64},
            {"batch", 64},
            {"lr", 1e-3},
            {"warmup_steps", 25},
            {"steps", 1000},
            {"sample_every", 50},
            {"save_every", 500},
            {"validate_every", 100},
            {"learn_top_prior", true}};
  }
  if (name == "reference-celeba64") {
    return {{"size", "64x64"},
            {"train_split", 0.6},
            {"bits", 5},
            {"depth", 16},
            {"levels", 3},
            {"width", 512},
            {"batch", 64},
            {"lr", 1e-3},
            {"warmup_epochs", 1.0},
            {"epochs", 13.0},
            {"sample_every", 380},
            {"save_every", 9500},
            {"validate_every", 1900},
            {"learn_top_prior", true},
            {"temperature", 0.7}};
  }
  if (name == "fashion-mnist") {
    return {{"data", fashion_mnist_folder},
            {"train_split", 60000},  // the test images follow, to validate on
            {"bits", 8},
            {"depth", 16},
            {"levels", 2},
            {"width", 128},
            {"coupling", "exp"},
            {"precision", "bf16"},
            {"batch", 64},
            {"lr", 1e-3},
            {"warmup_steps", 200},
            {"schedule", "cosine"},
            {"clip_norm", 10.0},
            {"ema", 0.999},
            {"steps", 70000},
            {"sample_every", 5000},
            {"save_every", 1000},
            {"validate_every", 500},
            {"keep", 3},
            {"learn_top_prior", true}};
  }
  throw Error("preset: '" + name + "' is none of digits, fashion-mnist, reference-celeba64");
}

}  // namespace glow::app
