#include "data/attributes.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

#include <glow/core/error.hpp>
#include <glow/io/atomic_file.hpp>

namespace glow::app {

namespace {

using Fields = std::vector<std::string>;

// Text from a file as messages show it.
std::string shown(const std::string& text) {
  return text.size() <= 100 ? "'" + text + "'" : "'" + text.substr(0, 100) + "...'";
}

// The lines of a file one after the other, blank ones left out.
class Lines {
 public:
  Lines(std::string_view text, const std::string& place) : rest_(text), place_(place) {}

  bool next() {
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      line_ = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      ++number_;
      if (line_.ends_with('\r')) line_.remove_suffix(1);
      if (line_.find_first_not_of(" \t") != std::string_view::npos) return true;
    }
    return false;
  }
  std::string_view line() const { return line_; }
  Index number() const { return number_; }

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw FileError(join(place_, ", line ", number_, ": ", parts...));
  }

 private:
  std::string_view rest_, line_;
  std::string place_;
  Index number_ = 0;
};

// What lies between blanks.
Fields words_of(const Lines& lines) {
  Fields words;
  std::string_view text = lines.line();
  for (;;) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

// What lies between commas; within quotes commas are letters, and two quotes are one.
Fields fields_of(const Lines& lines) {
  Fields fields(1);
  bool within = false;
  const std::string_view text = lines.line();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && within && i + 1 < text.size() && text[i + 1] == '"') {
      fields.back() += text[++i];
    } else if (text[i] == '"') {
      within = !within;
    } else if (text[i] == ',' && !within) {
      fields.emplace_back();
    } else {
      fields.back() += text[i];
    }
  }
  if (within) lines.fail("a quote is not closed");
  return fields;
}

void set_names(Attributes& table, const Lines& lines, Fields names) {
  if (names.empty()) lines.fail("the names of the attributes are missing");
  std::set<std::string> known;
  for (const std::string& name : names) {
    if (name.empty()) lines.fail("attribute ", known.size() + 1, " has no name");
    if (!known.insert(name).second) lines.fail("the attribute ", shown(name), " appears twice");
  }
  table.names = std::move(names);
}

// Rows of an image and its values, up to the end of the file.
template <class Split>
void add_rows(Attributes& table, Lines& lines, Split split) {
  std::unordered_map<std::string, Index> line_of;
  while (lines.next()) {
    const Fields row = split(lines);
    if (row.size() != table.names.size() + 1)
      lines.fail(row.size() - 1, " values, but there are ", table.names.size(), " attributes");
    if (row[0].empty()) lines.fail("the image has no name");
    const auto [before, is_new] = line_of.emplace(row[0], lines.number());
    if (!is_new) lines.fail("the image ", shown(row[0]), " has a row already, on line ", before->second);
    table.images.push_back(row[0]);
    for (std::size_t i = 1; i < row.size(); ++i) {
      const std::string& value = row[i];
      if (value != "1" && value != "0" && value != "-1")
        lines.fail(shown(value), " for ", shown(table.names[i - 1]),
                   " must be 1 (with), or 0 or -1 (without)");
      table.values.push_back(value == "1");
    }
  }
  require<FileError>(!table.images.empty(), table.place, ": there are no images after the attributes");
}

bool is_count(std::string_view text) {
  return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Attributes parse_celeba(Lines& lines, const std::string& place) {
  const std::string count = words_of(lines).front();
  Attributes table{place, {}, {}, {}};
  set_names(table, lines, lines.next() ? words_of(lines) : Fields());
  add_rows(table, lines, words_of);
  require<FileError>(count == std::to_string(table.images.size()), place, ": its first line says ", count,
                     " images, but there are ", table.images.size());
  return table;
}

Attributes parse_csv(Lines& lines, const std::string& place) {
  Attributes table{place, {}, {}, {}};
  Fields header = fields_of(lines);
  header.erase(header.begin());
  set_names(table, lines, header);
  add_rows(table, lines, fields_of);
  return table;
}

Attributes parse_labels(std::span<const std::uint8_t> file, const std::string& place) {
  require<FileError>(file.size() >= 8, place, ": cut short within its header of 8 bytes");
  const std::size_t count =
      std::size_t{file[4]} << 24 | std::size_t{file[5]} << 16 | std::size_t{file[6]} << 8 | file[7];
  const auto labels = file.subspan(8);
  require<FileError>(count > 0 && labels.size() == count, place, ": ", count,
                     " labels need as many bytes, but there are ", labels.size());
  const std::set<int> classes(labels.begin(), labels.end());
  Attributes table{place, {}, {}, {}, true};
  for (const int label : classes) table.names.push_back(std::to_string(label));
  for (std::size_t i = 0; i < count; ++i) {
    table.images.push_back(std::to_string(i));
    for (const int label : classes) table.values.push_back(labels[i] == label);
  }
  return table;
}

}  // namespace

Attributes parse_attributes(std::span<const std::uint8_t> file, const std::string& place) {
  if (file.size() >= 4 && file[0] == 0 && file[1] == 0 && file[2] == 8 && file[3] == 1)
    return parse_labels(file, place);
  std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // the mark of UTF-8 that spreadsheets write
  Lines lines(text, place);
  require<FileError>(lines.next(), place, ": the file is empty");
  const Fields first = words_of(lines);
  if (first.size() == 1 && is_count(first[0])) return parse_celeba(lines, place);
  if (lines.line().find(',') != std::string_view::npos) return parse_csv(lines, place);
  lines.fail(
      "this is neither the number of images that CelebA's list_attr_celeba.txt begins with, nor a header of "
      "CSV, such as file,smiling; IDX labels begin with bytes 0 0 8 1");
}

Attributes read_attributes(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return parse_attributes({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                          "'" + path.string() + "'");
}

}  // namespace glow::app
