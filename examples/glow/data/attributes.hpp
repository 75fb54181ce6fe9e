// Tables that say which images have which attributes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <glow/core/shape.hpp>

namespace glow::app {

/// A table with a row for each image and a column for each attribute.
struct Attributes {
  std::string place;                ///< what messages call it, such as "'list_attr_celeba.txt'"
  std::vector<std::string> names;   ///< of the attributes, no two alike
  std::vector<std::string> images;  ///< a file's name or path, or an image's number from 0; no two alike
  std::vector<bool> values;         ///< [images, names]
  bool complete = false;            ///< there must be a row for every image, as in a file of labels

  bool has(Index row, Index attribute) const {
    return values[static_cast<std::size_t>(row) * names.size() + static_cast<std::size_t>(attribute)];
  }
};

/// Reads a table; the content of the file tells which kind it is:
///   - CelebA's list_attr_celeba.txt: the number of images, a line of attributes, then a line for each image
///     with its file and as many values;
///   - CSV (see CsvReader): a header whose first field is any, then the attributes; rows of a file
///     or an image's number, then the values;
///   - labels in the IDX format, unsigned bytes: image i has the one attribute that its label is called.
/// Values are 1 for an image with the attribute, and 0 or -1 for one without. The file may be packed by gzip,
/// see `unpacked`. Throws FileError with the file, the line and what is wrong.
Attributes read_attributes(const std::filesystem::path& path);

/// The same of a file's bytes; `name` stands for the file in messages.
Attributes parse_attributes(std::span<const std::uint8_t> file, const std::string& name);

}  // namespace glow::app
