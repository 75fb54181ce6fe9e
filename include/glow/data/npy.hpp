// Tables and images as NumPy saves them (numpy.save): a magic word, the version, the length of a header, the
// header, the numbers. Format: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
#pragma once

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <glow/data/rows.hpp>
#include <glow/io/atomic_file.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

// The header of an .npy file, a Python dictionary with the keys descr, fortran_order and shape.
class NpyHeader {
 public:
  std::string descr;
  bool fortran_order = false;
  std::vector<Index> shape;

  NpyHeader(std::string_view text, const std::string& name) : text_(text), name_(name) {
    bool seen[3] = {};
    expect('{');
    while (!next_is('}')) {
      const std::string key = string();
      expect(':');
      const int which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : 3;
      if (which == 3 || seen[which]) fail("the key '" + key + "' is unknown or appears twice");
      seen[which] = true;
      if (which == 0) {
        if (next_is('[')) fail("records of several types are not read: save a plain array");
        descr = string();
      } else if (which == 1) {
        fortran_order = boolean();
      } else {
        extents();
      }
      if (!next_is('}')) expect(',');
    }
    if (!seen[0] || !seen[1] || !seen[2]) fail("one of descr, fortran_order and shape is missing");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw FileError(join("'", name_, "': header of .npy: ", what));
  }
  // Whether c follows, after blanks; it stays.
  bool next_is(char c) {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() && text_[at_] == c;
  }
  void expect(char c) {
    if (!next_is(c)) fail(join("'", c, "' is missing at byte ", at_));
    ++at_;
  }
  std::string string() {
    const char quote = next_is('"') ? '"' : '\'';
    expect(quote);
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) fail("a quote is not closed");
    const std::string s(text_.substr(at_, end - at_));
    at_ = end + 1;
    return s;
  }
  bool boolean() {
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (!next_is(word[0]) || !text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return value;
    }
    fail("fortran_order is neither True nor False");
  }
  void extents() {
    expect('(');
    while (!next_is(')')) {
      Index e = 0;
      const char *first = text_.data() + at_, *last = text_.data() + text_.size();
      const auto [end, error] = std::from_chars(first, last, e);
      if (error != std::errc() || e < 0 || shape.size() == 32) fail("the shape is not one of an array");
      shape.push_back(e);
      at_ += static_cast<std::size_t>(end - first);
      if (!next_is(')')) expect(',');
    }
    expect(')');
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
};

// Checks what precedes the numbers of an .npy file, and takes it off `file`.
inline NpyHeader read_npy_header(std::string_view& file, const std::string& name) {
  constexpr std::string_view magic = "\x93NUMPY";
  require<FileError>(file.starts_with(magic), "'", name, "' is not an .npy file: it does not start with ",
                     "\\x93NUMPY");
  const auto byte = [&](std::size_t i) -> std::size_t { return static_cast<unsigned char>(file[i]); };
  require<FileError>(file.size() >= 12, "'", name, "': cut short within its header");
  const std::size_t version = byte(6), lead = version == 1 ? 10 : 12;
  require<FileError>(version >= 1 && version <= 3, "'", name, "': version ", version,
                     " of .npy is not 1, 2 or 3");
  std::size_t length = byte(8) | byte(9) << 8;
  if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
  require<FileError>(length <= file.size() - lead, "'", name, "': cut short within its header of ", length,
                     " bytes");
  NpyHeader header(file.substr(lead, length), name);
  file.remove_prefix(lead + length);
  return header;
}

// Number i of an array of little-endian numbers of type F.
template <class F>
double npy_number(std::string_view numbers, Index i) {
  static_assert(std::endian::native == std::endian::little);
  F value;
  std::memcpy(&value, numbers.data() + static_cast<std::size_t>(i) * sizeof(F), sizeof(F));
  return static_cast<double>(value);
}

// What precedes the numbers of an .npy file: `descr`, such as "<f4", is their type, in NumPy's words.
inline std::string npy_header(std::string_view descr, const Shape& shape) {
  std::string extents;
  for (int axis = 0; axis < shape.rank(); ++axis) extents += join(axis > 0 ? ", " : "", shape[axis]);
  std::string header = join("{'descr': '", descr, "', 'fortran_order': False, 'shape': (", extents,
                            shape.rank() == 1 ? ",), }" : "), }");
  constexpr std::size_t lead = 10, unit = 64;  // numbers begin at a multiple of `unit` bytes
  header.append(unit - 1 - (lead + header.size()) % unit, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\0", 8) + static_cast<char>(header.size() & 255) +
         static_cast<char>(header.size() >> 8) + header;
}

}  // namespace detail

/// The table in an .npy file: an array [N, D] of little-endian float32 or float64 in C order. `name` is for
/// messages. Throws FileError for a file of another kind, type, order or rank, one that is cut short or too
/// long, one without numbers, and for numbers that are not finite as floats, with row and column from 1.
inline Table read_npy(std::string_view file, const std::string& name) {
  const detail::NpyHeader header = detail::read_npy_header(file, name);
  const auto hint = [](const char* what) { return join("; save ", what); };
  require<FileError>(header.descr == "<f4" || header.descr == "<f8", "'", name, "': dtype '", header.descr,
                     "' is neither '<f4' nor '<f8', little-endian float32 and float64",
                     hint("x.astype('<f4')"));
  require<FileError>(!header.fortran_order, "'", name, "': the array is in Fortran order",
                     hint("numpy.ascontiguousarray(x)"));
  require<FileError>(header.shape.size() == 2, "'", name, "': an array of rank ", header.shape.size(),
                     " is no table [N, D], which has rank 2");
  const Index rows = header.shape[0], columns = header.shape[1];
  require<FileError>(rows > 0 && columns > 0, "'", name, "': an array of ", rows, " x ", columns,
                     " has no numbers");
  const std::size_t width = header.descr == "<f4" ? 4 : 8, numbers = file.size() / width;
  require<FileError>(file.size() % width == 0 && static_cast<std::size_t>(rows) <= numbers &&
                         static_cast<std::size_t>(columns) == numbers / static_cast<std::size_t>(rows) &&
                         numbers % static_cast<std::size_t>(rows) == 0,
                     "'", name, "': ", file.size(), " bytes of numbers are not ", rows, " x ", columns, " x ",
                     width);
  Table table{Tensor<float>(Shape{rows, columns}), {}};
  for (Index i = 0; i < rows * columns; ++i) {
    const double value =
        width == 4 ? detail::npy_number<float>(file, i) : detail::npy_number<double>(file, i);
    table.rows[i] = detail::table_number(value, [&] {
      return join("'", name, "', row ", i / columns + 1, ", column ", i % columns + 1, ": ");
    });
  }
  return table;
}

/// Writes numbers of `shape` as an .npy file, an array of uint8 in C order. Throws ShapeError for another
/// count of numbers, and as write_file_atomically does.
inline void write_npy(const std::filesystem::path& path, const Shape& shape,
                      std::span<const std::uint8_t> numbers) {
  require<ShapeError>(static_cast<Index>(numbers.size()) == shape.size(), "write_npy: ", numbers.size(),
                      " numbers are not ", shape);
  const std::string begin = detail::npy_header("|u1", shape);
  const Bytes parts[] = {bytes_of(begin), std::as_bytes(numbers)};
  write_file_atomically(path, parts);
}

}  // namespace glow
