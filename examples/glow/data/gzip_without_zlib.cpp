#include <glow/core/error.hpp>

#include "data/gzip.hpp"

namespace glow::app {

std::vector<std::byte> unpacked(std::vector<std::byte> file, const std::string& name) {
  require<FileError>(!is_gzip(file), "'", name, "' is compressed, and this program was built without zlib: ",
                     "unpack it first, with gunzip --keep");
  return file;
}

}  // namespace glow::app
