// Models as NumPy's archives (numpy.load). Format: numpy.savez, a zip file of .npy files.
#pragma once

#include "foreign/named_tensors.hpp"

namespace glow::foreign {

/// Writes an array of float32 "NAME" for each tensor, and one of text without extents, "glow/KEY", for each
/// key of the metadata. Throws FileError if the file cannot be written or would have 4 GiB or more.
void write_npz(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
               const Metadata& metadata);

}  // namespace glow::foreign
