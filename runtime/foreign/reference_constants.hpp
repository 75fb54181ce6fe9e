// P and the signs of the reference Glow's 1x1 convolutions, which its files do not hold: they come from a
// rotation that it draws anew, the same one, wherever a model is made.
#pragma once

#include "foreign/lu.hpp"

namespace glow::foreign {

/// The factors P L U of the rotation of `channels` channels that the reference draws with JAX's key 0: Q of
/// the QR decomposition of a matrix of normal numbers. Of these P and sign_s are constants of its models.
LuFactors reference_constants(Index channels);

}  // namespace glow::foreign
