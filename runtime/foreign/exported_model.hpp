// Models that `glow export` wrote, read back.
#pragma once

#include <glow/saved/saved_model.hpp>

#include "foreign/file.hpp"

namespace glow::foreign {

/// Whether a file has what `glow export` writes beside the tensors: texts within "glow".
bool is_exported_model(const File& file);

/// The model of such a file, bit for bit. Throws CheckpointError, naming the file, for texts that describe no
/// model, and as ModelFile::state does for tensors that are not the model's.
SavedModel import_exported_model(const File& file);

}  // namespace glow::foreign
