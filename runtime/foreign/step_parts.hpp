// What the maps of names share.
#pragma once

#include "foreign/glow_parts.hpp"
#include "foreign/tensors.hpp"

namespace glow::foreign {

/// A convolution of these names, whose bias may be left out ("").
Convolution take_convolution(Tensors& tensors, const std::string& kernel, const std::string& bias, Index taps,
                             Index inputs, Index outputs);

/// The names of a 1x1 convolution's factors, and of the tensors beside them that its masks are.
struct LuNames {
  std::string permutation, lower, upper, log_s, sign_s;
  std::vector<std::string> masks;
};

/// W [c, c] of a 1x1 convolution: tensor `weight`, where it is there, or else its factors.
Matrix take_matrix(Tensors& tensors, const std::string& weight, const LuNames& names, Index c);

/// The extent of an axis of a tensor, which must have so many axes.
Index extent(const Tensors& tensors, const std::string& name, std::size_t axis, std::size_t axes);

/// What a coupling's last convolution tells: affine with two numbers for each of the `changed` channels,
/// additive with one. Throws CheckpointError for another number of outputs.
CouplingMap map_of(const Tensors& tensors, const std::string& kernel, Index changed);

/// Throws CheckpointError unless all levels have as many steps and all networks as many hidden channels.
void check_uniform(const Tensors& tensors, const ForeignGlow& glow);

}  // namespace glow::foreign
