// Images for a command that works on those of a run.
#pragma once

#include "run/checkpoint.hpp"
#include "run/evaluate.hpp"

namespace glow::app {

/// Which images of a run's data: `train`, or `val`, those it was not trained on.
struct SplitRange {
  Index first, count;
};

/// The range of a split; throws Error for another name.
inline SplitRange split_range(const Config& config, const Dataset& data, const std::string& split) {
  const Index n = config.train_images(data.size());
  if (split == "train") return {0, n};
  require(split == "val", "--split: '", split, "' is neither train nor val");
  return {n, data.size() - n};
}

/// The data of a run, or, if given, other data in the run's image size. Throws ShapeError if its channels do
/// not fit.
inline std::unique_ptr<Dataset> data_of(const Checkpoint& c, const std::string& other) {
  auto data = open_dataset(other.empty() ? c.config.data : other, ImageSize{c.image[0], c.image[1]});
  require<ShapeError>(data->shape() == c.image, "data: images ", data->shape(), " do not fit the model's ",
                      c.image);
  return data;
}

/// The first `count` images of the validation split that can be decoded as x [n, H, W, C], each in the middle
/// of its bin; throws FileError if there is none.
inline Tensor<float> validation_images(const Checkpoint& c, const Dataset& data, Index count) {
  require(count >= 1, "--count: ", count, " must be at least 1");
  const auto range = split_range(c.config, data, "val");
  const auto pixels = load_pixels(data, range.first, std::min(count, range.count));
  require<FileError>(!pixels.empty(), "data: none of ", range.count, " images can be decoded");
  Tensor<float> x(
      Shape{static_cast<Index>(pixels.size()) / c.image.size(), c.image[0], c.image[1], c.image[2]});
  ops::centre_of_bins(pixels, c.config.bits, x.view());
  return x;
}

}  // namespace glow::app
