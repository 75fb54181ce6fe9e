// Models as PyTorch writes them (torch.save): a zip file of a pickle and the numbers of each tensor.
#pragma once

#include "foreign/named_tensors.hpp"

namespace glow::foreign {

/// Writes an OrderedDict of tensors of float32 under their names, in the layouts of model files. Its entry
/// "glow" is a dictionary, the metadata. torch.load reads it with weights_only=True. Throws FileError if the
/// file cannot be written or would have 4 GiB or more.
void write_torch(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                 const Metadata& metadata);

}  // namespace glow::foreign
