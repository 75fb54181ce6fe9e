// A model as a file holds it, whatever its type.
#pragma once

#include <vector>

#include <glow/saved/description.hpp>
#include <glow/saved/named_tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// What a model is, and its numbers.
struct SavedModel {
  ModelDescription description;
  std::vector<NamedTensor> tensors;  ///< parameters and constants, in the order of the layers
};

}  // namespace glow
