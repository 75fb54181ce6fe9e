// The reference Glow in JAX, by the names of its parameters.
#pragma once

#include <optional>
#include <string>

#include "foreign/named_numbers.hpp"
#include "foreign/tensors.hpp"

namespace glow::foreign {

/// A name that its files hold, after whatever the parameters lie in.
inline constexpr std::string_view flax_signature = "flow_scale_1//step_1|ActNorm_0|actnorm_mean";

/// What stands before its names in a file; none for another file.
std::optional<std::string> find_flax_model(const File& file);

/// Its architecture and the channels of its images.
struct FlaxModel {
  Architecture architecture;
  Index channels;
  NamedNumbers numbers;  ///< by our names
};

/// Throws CheckpointError, naming the tensor, for one that is missing, of another shape, or not part of the
/// model, and for a scale of 0.
FlaxModel read_flax_model(Tensors& tensors);

}  // namespace glow::foreign
