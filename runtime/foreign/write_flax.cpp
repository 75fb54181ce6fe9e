// Source of the formats: https://github.com/msgpack/msgpack/blob/master/spec.md, and flax.serialization,
// where an array is the extension type 1 of a packed (shape, name of the type, bytes).
#include "foreign/write_flax.hpp"

#include <memory>

#include "foreign/file.hpp"
#include "foreign/parts.hpp"

namespace glow::foreign {

namespace {

constexpr std::uint64_t longest_array = std::uint64_t{1} << 30;
constexpr char numbers_extension = 1;

// msgpack's numbers have the highest byte first.
template <class U>
std::string big_endian(char type, U number) {
  std::string text;
  append_little_endian(text, number);
  return type + std::string(text.rbegin(), text.rend());
}

// Of fewer than 16 items, or `type` with a length of 16 bits, and the next type with one of 32.
std::string collection(int few, int type, std::size_t items) {
  if (items < 16) return std::string(1, static_cast<char>(few | static_cast<int>(items)));
  if (items < 65536) return big_endian(static_cast<char>(type), static_cast<std::uint16_t>(items));
  return big_endian(static_cast<char>(type + 1), static_cast<std::uint32_t>(items));
}
std::string map_of(std::size_t items) { return collection(0x80, 0xDE, items); }
std::string array_of(std::size_t items) { return collection(0x90, 0xDC, items); }

std::string packed_text(std::string_view s) {
  if (s.size() < 32) return static_cast<char>(0xA0 | static_cast<int>(s.size())) + std::string(s);
  return big_endian(static_cast<char>(0xDB), static_cast<std::uint32_t>(s.size())) + std::string(s);
}

std::string packed_number(std::uint64_t n) {
  if (n < 128) return std::string(1, static_cast<char>(n));
  return big_endian(static_cast<char>(0xCF), n);
}

void add_array(Parts& file, const NamedTensor& tensor) {
  const Shape& shape = tensor.value.shape();
  const glow::Bytes numbers =
      std::as_bytes(std::span(tensor.value.data(), static_cast<std::size_t>(shape.size())));
  require<FileError>(numbers.size() <= longest_array, "flax: tensor '", tensor.name, "' of shape ", shape,
                     " has ", numbers.size(), " bytes; more than ", longest_array, " are not written");
  std::string head = array_of(3) + array_of(static_cast<std::size_t>(shape.rank()));
  for (int axis = 0; axis < shape.rank(); ++axis)
    head += packed_number(static_cast<std::uint64_t>(shape[axis]));
  head += packed_text("float32") +
          big_endian(static_cast<char>(0xC6), static_cast<std::uint32_t>(numbers.size()));
  file.own(big_endian(static_cast<char>(0xC9), static_cast<std::uint32_t>(head.size() + numbers.size())) +
           numbers_extension + head);
  file.borrow(numbers);
}

// A dictionary of dictionaries or a tensor, in the order in which they came.
struct Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> members;
  const NamedTensor* tensor = nullptr;

  Node& member(const std::string& key) {
    for (auto& [name, node] : members) {
      if (name == key) return *node;
    }
    return *members.emplace_back(key, std::make_unique<Node>()).second;
  }
};

void add_node(Parts& file, const Node& node) {
  if (node.tensor != nullptr) return add_array(file, *node.tensor);
  file.own(map_of(node.members.size()));
  for (const auto& [key, member] : node.members) {
    file.own(packed_text(key));
    add_node(file, *member);
  }
}

}  // namespace

void write_flax(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                const Metadata& metadata) {
  Node root;
  for (const NamedTensor& tensor : tensors) {
    Node* at = &root;
    std::istringstream parts(tensor.name);
    for (std::string part; std::getline(parts, part, '/');) at = &at->member(part);
    at->tensor = &tensor;
  }
  Parts file;
  std::string head =
      map_of(root.members.size() + 1) + packed_text(description_entry) + map_of(metadata.size());
  for (const auto& [key, value] : metadata) head += packed_text(key) + packed_text(value);
  file.own(head);
  for (const auto& [key, member] : root.members) {
    file.own(packed_text(key));
    add_node(file, *member);
  }
  write_file_atomically(path, file.all());
}

}  // namespace glow::foreign
