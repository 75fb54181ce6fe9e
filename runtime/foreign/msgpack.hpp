// Files of flax.serialization.to_bytes: msgpack, in which arrays are extensions of type 1, and NumPy's single
// numbers of type 3; each holds [shape, type's name, bytes] in msgpack. Format:
// https://github.com/msgpack/msgpack/blob/master/spec.md; the extensions are those of flax.serialization.
#pragma once

#include "foreign/file.hpp"

namespace glow::foreign {

/// The arrays in `bytes`, named by the keys that lead to them with '|' between; other values are left out.
/// Throws FileError, naming `name` and the place, for what is no whole msgpack, is nested deeper than 64, or
/// holds an array whose shape, type and bytes do not fit.
File read_msgpack(std::vector<std::byte> bytes, const std::string& name);

}  // namespace glow::foreign
