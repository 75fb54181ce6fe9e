#include "data/with_attribute.hpp"

#include <unordered_map>

#include <glow/core/warning.hpp>

namespace glow::app {

namespace {

// What a table may call an image: most telling first.
std::vector<std::string> names_of(const Dataset& data, Index image, const std::filesystem::path& folder) {
  if (const ArchivedFile f = data.archived(image); !f.archive.empty())
    return {f.name, std::filesystem::path(f.name).filename().string()};
  const std::filesystem::path file = data.file(image);
  if (file.empty()) return {std::to_string(image)};
  return {file.lexically_relative(folder).generic_string(), file.filename().string()};
}

// The image of each row, or -1.
std::vector<Index> images_of_rows(const Attributes& table, const Dataset& data, const std::string& place) {
  std::unordered_map<std::string, std::size_t> row_of;
  for (std::size_t r = 0; r < table.images.size(); ++r) row_of.emplace(table.images[r], r);
  std::vector<Index> images(table.images.size(), -1);
  for (Index i = 0; i < data.size(); ++i) {
    for (const std::string& name : names_of(data, i, place)) {
      const auto row = row_of.find(name);
      if (row == row_of.end()) continue;
      Index& image = images[row->second];
      require<FileError>(image < 0, table.place, ": its image '", name, "' may be '",
                         image < 0 ? "" : data.name(image), "' or '", data.name(i),
                         "'; give paths from the folder '", place, "'");
      image = i;
      break;
    }
  }
  return images;
}

}  // namespace

WithAndWithout with_attribute(const Attributes& table, Index attribute, const Dataset& data,
                              const std::string& place, Index first, Index count) {
  const std::size_t rows = table.images.size();
  require<FileError>(!table.complete || static_cast<Index>(rows) == data.size(), table.place, ": ", rows,
                     " labels, but there are ", data.size(), " images in '", place, "'");
  const std::vector<Index> images = images_of_rows(table, data, place);
  std::vector<Index> row_of(static_cast<std::size_t>(data.size()), -1);
  std::size_t foreign = 0, first_foreign = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    if (images[r] >= 0) {
      row_of[static_cast<std::size_t>(images[r])] = static_cast<Index>(r);
    } else if (foreign++ == 0) {
      first_foreign = r;
    }
  }
  require<FileError>(foreign < rows, table.place, ": none of its ", rows, " images is in '", place,
                     "': it begins with '", table.images[0], "', the data with '",
                     names_of(data, 0, place).front(), "'");
  if (foreign > 0)
    warn(table.place, ": ", foreign, " of its ", rows, " images are not in '", place, "', such as '",
         table.images[first_foreign], "'");

  WithAndWithout found;
  Index unknown = 0, first_unknown = 0;
  for (Index i = first; i < first + count; ++i) {
    const Index row = row_of[static_cast<std::size_t>(i)];
    if (row >= 0) {
      (table.has(row, attribute) ? found.with : found.without).push_back(i);
    } else if (unknown++ == 0) {
      first_unknown = i;
    }
  }
  if (unknown > 0)
    warn(table.place, " says nothing of ", unknown, " of ", count, " images, such as '",
         names_of(data, first_unknown, place).front(), "'");
  const std::string& name = table.names[static_cast<std::size_t>(attribute)];
  const auto needs_both = [&](const std::vector<Index>& side, const char* how_many) {
    require<FileError>(!side.empty(), table.place, ": ", how_many, " of ", count - unknown,
                       " images has the attribute '", name, "', but images with and without it are needed");
  };
  needs_both(found.with, "none");
  needs_both(found.without, "each");
  return found;
}

}  // namespace glow::app
