// Zip files whose entries are stored as they are. Format: PKWARE, APPNOTE.TXT - .ZIP File Format
// Specification, sections 4.3 and 4.4.
#pragma once

#include "foreign/parts.hpp"

namespace glow::foreign {

/// Collects entries and writes them as a zip file. Their numbers begin at multiples of 64 bytes, so that
/// readers can map them.
class ZipWriter {
 public:
  /// Adds an entry; the memory that `content` borrows must last until `save`. Throws FileError, naming the
  /// entry, for a file of 4 GiB or more, or of 65535 entries, which would be Zip64.
  void add(const std::string& name, Parts content);
  void add(const std::string& name, std::string content);

  /// Writes the file atomically; see write_file_atomically.
  void save(const std::filesystem::path& path);

 private:
  std::deque<Parts> contents_;
  Parts file_;
  std::string directory_;
  std::uint32_t entries_ = 0;
};

}  // namespace glow::foreign
