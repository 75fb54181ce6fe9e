// Zip archives as PyTorch writes them: every entry is stored as it is. Format: PKWARE's APPNOTE, sections 4.3
// to 4.5, with the extensions for large files (zip64).
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

namespace glow::foreign {

/// The entries of a zip by their names. Throws FileError, naming the file and the place, for a file that is
/// cut short, entries that are compressed, encrypted, outside of the file or named twice, and archives in
/// several parts.
std::map<std::string, std::span<const std::byte>> read_zip(std::span<const std::byte> bytes,
                                                           const std::string& file);

}  // namespace glow::foreign
