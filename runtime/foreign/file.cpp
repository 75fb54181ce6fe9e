#include "foreign/file.hpp"

#include <glow/io/atomic_file.hpp>

#include "foreign/msgpack.hpp"
#include "foreign/torch_file.hpp"

namespace glow::foreign {

File read_foreign(const std::filesystem::path& path) {
  std::vector<std::byte> bytes = read_file(path);
  const std::string name = path.string();
  const auto begin = static_cast<unsigned>(bytes.empty() ? std::byte{0} : bytes[0]);
  const bool is_map = (begin & 0xF0) == 0x80 || begin == 0xDE || begin == 0xDF;
  require<FileError>(is_map || begins_as_torch(bytes), "'", name,
                     "' begins neither as a file of torch.save does, a zip or a pickle, nor as one of flax, "
                     "msgpack of a dictionary");
  return begins_as_torch(bytes) ? read_torch(std::move(bytes), name) : read_msgpack(std::move(bytes), name);
}

}  // namespace glow::foreign
