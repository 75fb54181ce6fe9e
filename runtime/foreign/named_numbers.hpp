// A SavedModel from its numbers by name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <glow/saved/saved_model.hpp>

namespace glow::foreign {

/// Numbers by the names that tensors of an ImageNet have, in rows.
using NamedNumbers = std::map<std::string, std::vector<double>>;

/// The tensors of the ImageNet that `description` tells, each of the numbers of its name; those without are
/// zeros. Throws CheckpointError, naming `file` and the tensor, for numbers that do not fit a tensor, belong
/// to none, or are no finite floats, and ShapeError for an architecture that cannot be.
SavedModel saved_model_of(const std::string& file, const ModelDescription& description,
                          const NamedNumbers& numbers);

}  // namespace glow::foreign
