// Pixels and labels of images of a dataset.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <glow/data/dataset.hpp>

namespace glow::app {

/// Called for an image that cannot be decoded, with its Dataset::failure().
using OnSkip = std::function<void(const std::string& failure)>;

/// Says on stderr that an image is skipped.
void warn_of_skipped(const std::string& failure);

/// Images of a dataset that can be decoded.
struct LoadedImages {
  std::vector<std::uint8_t> pixels;  ///< [n, H, W, C]
  std::vector<Index> indices;        ///< [n] of the images in the dataset
  std::vector<Index> labels;         ///< [n] of their classes; empty for data without classes
};

/// The images with these numbers, decoded on the library's threads; those that cannot be decoded are left
/// out, and named to `on_skip`.
LoadedImages load_images(const Dataset& data, std::span<const Index> indices, const OnSkip& on_skip);

/// The same of images first ... first + count - 1.
LoadedImages load_images(const Dataset& data, Index first, Index count, const OnSkip& on_skip);

/// The first `most` images among first ... first + count - 1 that can be decoded, or fewer if there are
/// fewer.
LoadedImages load_first(const Dataset& data, Index first, Index count, Index most);

}  // namespace glow::app
