// Models of other programs as ours.
#pragma once

#include <optional>
#include <string>

#include "foreign/file.hpp"
#include "foreign/torch_models.hpp"

namespace glow::foreign {

/// What a file does not say of its model.
struct ImportOptions {
  std::optional<Shape> size = {};            ///< height and width of images
  std::optional<int> bits = {};              ///< of pixels, 1 to 8; else by the program's defaults
  std::optional<PixelNumbers> numbers = {};  ///< likewise
};

/// The model of a file of the reference Glow in JAX, from flax.serialization.to_bytes. The constants that it
/// does not hold are computed (reference_constants.hpp). Throws CheckpointError, naming the file and what was
/// found, for a file without such a model, one without the size of its images, and tensors that do not fit,
/// and ShapeError.
SavedModel import_flax(const File& file, const ImportOptions& options);

/// The model of a file of one of the programs in torch_models.hpp; throws likewise.
SavedModel import_torch(const File& file, const ImportOptions& options);

/// What a file looks like, in a line, and why it cannot be imported, if it looks like a model and cannot.
std::string verdict_of(const File& file);

}  // namespace glow::foreign
