// Datasets by the text of --data.
#pragma once

#include <memory>
#include <optional>

#include <glow/data/dataset.hpp>

namespace glow::app {

/// Height and width that images are to be brought to.
struct ImageSize {
  Index height, width;
};

/// "digits" (the bundled set), an IDX file, a CIFAR-10 .bin file or folder, or a folder of JPEG and PNG
/// images. Images are cut and resized to `size`; without it IDX and CIFAR-10 keep their own, and folders take
/// 64x64. Throws FileError, naming the path and what was found, for anything else.
std::unique_ptr<Dataset> open_dataset(const std::string& data, std::optional<ImageSize> size);

}  // namespace glow::app
