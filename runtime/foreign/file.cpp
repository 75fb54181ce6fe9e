#include "foreign/file.hpp"

#include <cstring>

#include <glow/io/atomic_file.hpp>

#include "foreign/msgpack.hpp"
#include "foreign/torch_file.hpp"

namespace glow::foreign {

namespace {

// 8 bytes of little-endian length and as long a text of JSON.
bool is_safetensors(std::span<const std::byte> bytes) {
  std::uint64_t length = 0;
  if (bytes.size() <= 8) return false;
  std::memcpy(&length, bytes.data(), 8);
  return length >= 2 && length <= bytes.size() - 8 && bytes[8] == std::byte{'{'};
}

}  // namespace

File read_foreign(const std::filesystem::path& path) {
  std::vector<std::byte> bytes = read_file(path);
  const std::string name = path.string();
  require<FileError>(!bytes.empty(), "'", name, "' is empty");
  require<FileError>(!is_safetensors(bytes), "'", name,
                     "' is a safetensors file, as glow's own are, which need no import; see glow summary");
  const auto begin = static_cast<unsigned>(bytes[0]);
  const bool is_map = (begin & 0xF0) == 0x80 || begin == 0xDE || begin == 0xDF;
  require<FileError>(is_map || begins_as_torch(bytes), "'", name,
                     "' begins neither as a file of torch.save does, a zip or a pickle, nor as one of flax, "
                     "msgpack of a dictionary; of what glow export writes, npz and ONNX are not read back");
  return begins_as_torch(bytes) ? read_torch(std::move(bytes), name) : read_msgpack(std::move(bytes), name);
}

}  // namespace glow::foreign
