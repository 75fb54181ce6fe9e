#include "data/attributes.hpp"

#include <set>
#include <sstream>
#include <string_view>
#include <unordered_map>

#include <glow/data/csv.hpp>
#include <glow/data/idx.hpp>
#include <glow/io/atomic_file.hpp>

#include "data/gzip.hpp"

namespace glow::app {

namespace {

using Fields = std::vector<std::string>;

// Text from a file as messages show it.
std::string shown(const std::string& text) {
  return text.size() <= 100 ? "'" + text + "'" : "'" + text.substr(0, 100) + "...'";
}

// The lines of a text, each as the words between its blanks.
class WordReader {
 public:
  WordReader(const std::string& text, const std::string& name) : text_(text), name_(name) {}

  bool next(Fields& words) {
    words.clear();
    for (std::string line; words.empty() && std::getline(text_, line);) {
      ++line_;
      std::istringstream in(line);
      for (std::string word; in >> word;) words.push_back(word);
    }
    return !words.empty();
  }
  std::string where() const { return join("'", name_, "', line ", line_); }

 private:
  std::istringstream text_;
  const std::string& name_;
  Index line_ = 0;
};

template <class Reader>
void set_names(Attributes& table, const Reader& reader, Fields names) {
  require<FileError>(!names.empty(), reader.where(), ": the names of the attributes are missing");
  std::set<std::string> known;
  for (const std::string& name : names) {
    require<FileError>(!name.empty(), reader.where(), ": attribute ", known.size() + 1, " has no name");
    require<FileError>(known.insert(name).second, reader.where(), ": the attribute ", shown(name),
                       " appears twice");
  }
  table.names = std::move(names);
}

// Rows of an image and its values, up to the end of the text.
template <class Reader>
void add_rows(Attributes& table, Reader& reader) {
  std::unordered_map<std::string, std::string> place_of;
  for (Fields row; reader.next(row);) {
    require<FileError>(row.size() == table.names.size() + 1, reader.where(), ": ", row.size() - 1,
                       " values, but there are ", table.names.size(), " attributes");
    require<FileError>(!row[0].empty(), reader.where(), ": the image has no name");
    const auto [before, is_new] = place_of.emplace(row[0], reader.where());
    require<FileError>(is_new, reader.where(), ": the image ", shown(row[0]), " has a row already, see ",
                       before->second);
    table.images.push_back(row[0]);
    for (std::size_t i = 1; i < row.size(); ++i) {
      const std::string& value = row[i];
      require<FileError>(value == "1" || value == "0" || value == "-1", reader.where(), ": ", shown(value),
                         " for ", shown(table.names[i - 1]), " must be 1 (with), or 0 or -1 (without)");
      table.values.push_back(value == "1");
    }
  }
  require<FileError>(!table.images.empty(), table.place, ": there are no images after the attributes");
}

bool is_count(std::string_view text) {
  return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Attributes parse_celeba(std::string_view text, const std::string& name) {
  WordReader reader(std::string(text), name);
  Fields count, names;
  reader.next(count);
  reader.next(names);
  Attributes table{"'" + name + "'", {}, {}, {}};
  set_names(table, reader, names);
  add_rows(table, reader);
  require<FileError>(count[0] == std::to_string(table.images.size()), table.place, ": its first line says ",
                     count[0], " images, but there are ", table.images.size());
  return table;
}

Attributes parse_csv(std::string_view text, const std::string& name) {
  CsvReader reader(text, name);
  Fields header;
  reader.next(header);
  header.erase(header.begin());
  Attributes table{"'" + name + "'", {}, {}, {}};
  set_names(table, reader, header);
  add_rows(table, reader);
  return table;
}

Attributes parse_labels(std::span<const std::uint8_t> file, const std::string& name) {
  const std::string place = "'" + name + "'";
  const auto labels = read_idx_labels(file, name);
  const std::set<int> classes(labels.begin(), labels.end());
  Attributes table{place, {}, {}, {}, true};
  for (const int label : classes) table.names.push_back(std::to_string(label));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    table.images.push_back(std::to_string(i));
    for (const int label : classes) table.values.push_back(labels[i] == label);
  }
  return table;
}

}  // namespace

Attributes parse_attributes(std::span<const std::uint8_t> file, const std::string& name) {
  if (holds_idx_labels(file)) return parse_labels(file, name);
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  Fields first;
  require<FileError>(WordReader(std::string(text), name).next(first), "'", name, "': the file is empty");
  if (first.size() == 1 && is_count(first[0])) return parse_celeba(text, name);
  Fields fields;
  CsvReader csv(text, name);
  if (csv.next(fields) && fields.size() > 1) return parse_csv(text, name);
  throw FileError(
      join(csv.where(),
           ": this is neither the number of images that CelebA's list_attr_celeba.txt begins with, "
           "nor a header of CSV, such as file,smiling; IDX labels begin with bytes 0 0 8 1"));
}

Attributes read_attributes(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = unpacked(read_file(path), path.string());
  return parse_attributes({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, path.string());
}

}  // namespace glow::app
