// What writers of other formats take of a model: its tensors and what is said of it.
#pragma once

#include <map>

#include <glow/saved/metadata.hpp>
#include <glow/saved/saved_model.hpp>

namespace glow::foreign {

/// What a model file says of its model, by key: docs/format.md.
using Metadata = std::map<std::string, std::string>;

/// The metadata that the description of a model has in a model file.
inline Metadata metadata_of(const ModelDescription& description) {
  SafetensorsWriter file;
  write_metadata(file, description);
  return file.metadata();
}

}  // namespace glow::foreign
