// Files of torch.save: a zip (since PyTorch 1.6) of data.pkl and one entry for each storage, or the older
// form, in which the pickles are followed by the storages. Read from PyTorch's serialization.py as a
// description; pickles are read by pickle.hpp, and nothing in them is run.
#pragma once

#include "foreign/file.hpp"

namespace glow::foreign {

/// Whether these bytes begin as a file of torch.save does, in either form.
bool begins_as_torch(std::span<const std::byte> bytes);

/// The tensors in `bytes`, named by the keys and numbers that lead to them with '.' between; other values are
/// left out. Throws FileError, naming `name`, the part of the file, the byte and what was found there, for a
/// file that is cut short, that names or calls what a file of tensors does not need, that was written
/// big-endian, and for tensors that reach beyond their storages.
File read_torch(std::vector<std::byte> bytes, const std::string& name);

}  // namespace glow::foreign
