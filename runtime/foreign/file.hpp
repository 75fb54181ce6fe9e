// What a file that another program wrote holds: named arrays and texts, whatever they are nested in.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <string_view>
#include <vector>

#include "foreign/array.hpp"

namespace glow::foreign {

/// Of what `glow export` writes, the dictionary that describes the model.
inline constexpr std::string_view description_entry = "glow";

/// A file's arrays, in its order, and the memory that they lie in.
struct File {
  std::string name;  ///< its path, for messages
  std::string kind;  ///< what it is, such as "PyTorch, zip"
  std::vector<Array> arrays;
  std::deque<std::vector<std::byte>> memory;
  std::map<std::string, std::string> texts = {};  ///< those in a dictionary "glow", by their keys in it
};

/// A name of an array has fewer bytes, and a file fewer arrays and values: what refers to others, or lies in
/// a long name, could else stand for more than a machine has memory for.
inline constexpr std::size_t longest_name = 1024, most_arrays = std::size_t{1} << 18;

/// Reads a file as what its first bytes say that it is: PyTorch's zip or legacy file, or else msgpack, as
/// flax writes it. Throws FileError, with the file, the place in it and what was found there, for a file of
/// another kind, a damaged one, and one that holds anything but data (torch_file.hpp, msgpack.hpp).
File read_foreign(const std::filesystem::path& path);

}  // namespace glow::foreign
