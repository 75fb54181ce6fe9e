// Tables as text: a line a row, fields between commas, as RFC 4180 has it, but without line breaks in fields.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include <glow/data/rows.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The lines of a CSV text, each as its fields; `name` is for messages, and must outlive the reader. What
/// stands around a field is trimmed.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);  // a byte order mark
  }

  /// The fields of the next line that is not blank; false at the end. Throws FileError, with the line, for
  /// quotes that are not closed or end within a field.
  bool next(std::vector<std::string>& fields) {
    while (!rest_.empty()) {
      ++line_;
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      const std::string_view line = trimmed(rest_.substr(0, end));
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      if (line.empty()) continue;
      split(line, fields);
      return true;
    }
    return false;
  }

  /// "'name', line 3", the line that was read last.
  std::string where() const { return join("'", name_, "', line ", line_); }

  /// The number that a field is, if it is one; infinity for one too large.
  static std::optional<double> number(std::string_view field) {
    if (field.starts_with('+')) field.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (end != field.data() + field.size() || field.empty() || error == std::errc::invalid_argument)
      return std::nullopt;
    if (error == std::errc::result_out_of_range) return std::numeric_limits<double>::infinity();
    return value;
  }

 private:
  static std::string_view trimmed(std::string_view s) {
    constexpr std::string_view blank = " \t\r";
    const std::size_t first = std::min(s.find_first_not_of(blank), s.size());
    s.remove_prefix(first);
    return s.substr(0, s.find_last_not_of(blank) + 1);
  }

  void split(std::string_view line, std::vector<std::string>& fields) const {
    fields.clear();
    for (bool more = true; more;) {
      line = trimmed(line);
      std::string field;
      if (line.starts_with('"')) {
        line = trimmed(quoted(line, field));
        more = line.starts_with(',');
        require<FileError>(more || line.empty(), where(), ": after a closing quote there must be a comma");
      } else {
        const std::size_t comma = std::min(line.find(','), line.size());
        field = trimmed(line.substr(0, comma));
        line.remove_prefix(comma);
        more = !line.empty();
      }
      if (more) line.remove_prefix(1);
      fields.push_back(std::move(field));
    }
  }

  // The field within the quotes that the line begins with, in which "" stands for one; returns what follows.
  std::string_view quoted(std::string_view line, std::string& field) const {
    for (std::size_t i = 1; i < line.size(); ++i) {
      if (line[i] == '"' && (i + 1 == line.size() || line[i + 1] != '"')) return line.substr(i + 1);
      if (line[i] == '"') ++i;
      field += line[i];
    }
    throw FileError(join(where(), ": a quote is not closed"));
  }

  std::string_view rest_;
  const std::string& name_;
  Index line_ = 0;
};

/// A table of a CSV text: numbers with a decimal point, separated by commas, a row a line. The first line may
/// have the columns' names: it does if none of its fields is a number. `name` is for messages. Throws
/// FileError, with the line and the column, for rows of different lengths, fields that are empty or no finite
/// number, and texts without a row.
inline Table read_csv(std::string_view text, const std::string& name) {
  CsvReader reader(text, name);
  Table table;
  std::vector<std::string> fields;
  std::vector<float> numbers;
  Index columns = 0, rows = 0;
  while (reader.next(fields)) {
    if (columns == 0) {
      columns = static_cast<Index>(fields.size());
      if (std::ranges::none_of(fields,
                               [](const std::string& f) { return CsvReader::number(f).has_value(); })) {
        table.columns = fields;
        continue;
      }
    }
    require<FileError>(static_cast<Index>(fields.size()) == columns, reader.where(), ": ", fields.size(),
                       " fields; the first line has ", columns);
    for (Index i = 0; i < columns; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const std::string& field = fields[at];
      const auto where = [&] {
        return join(reader.where(), ", column ", i + 1,
                    table.columns.empty() ? "" : " ('" + table.columns[at] + "')", ": ");
      };
      const std::optional<double> value = CsvReader::number(field);
      if (!value) {
        throw FileError(where() + (field.empty() ? "the field is empty" : "'" + field + "' is not a number") +
                        (columns == 1 && field.find(';') != std::string::npos
                             ? "; fields are separated by commas, not by semicolons"
                             : ""));
      }
      numbers.push_back(detail::table_number(*value, where));
    }
    ++rows;
  }
  require<FileError>(rows > 0, "'", name, "': there is no row of numbers in it");
  table.rows = Tensor<float>(Shape{rows, columns});
  std::copy(numbers.begin(), numbers.end(), table.rows.begin());
  return table;
}

}  // namespace glow
