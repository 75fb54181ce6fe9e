// Models as flax writes them (flax.serialization.to_bytes, msgpack_serialize): nested dictionaries of arrays.
#pragma once

#include "foreign/named_tensors.hpp"

namespace glow::foreign {

/// Writes a dictionary whose keys are the parts of the tensors' names: "level1/step2/actnorm/bias" lies in
/// ["level1"]["step2"]["actnorm"]["bias"], as float32. ["glow"] holds the metadata. Throws FileError, naming
/// the tensor, for one of more than 1 GiB, which flax cuts into chunks, and as write_file_atomically does.
void write_flax(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                const Metadata& metadata);

}  // namespace glow::foreign
