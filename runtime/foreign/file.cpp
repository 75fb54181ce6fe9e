#include "foreign/file.hpp"

#include <glow/io/atomic_file.hpp>

#include "foreign/msgpack.hpp"
#include "foreign/torch_file.hpp"

namespace glow::foreign {

File read_foreign(const std::filesystem::path& path) {
  std::vector<std::byte> bytes = read_file(path);
  const std::string name = path.string();
  return begins_as_torch(bytes) ? read_torch(std::move(bytes), name) : read_msgpack(std::move(bytes), name);
}

}  // namespace glow::foreign
