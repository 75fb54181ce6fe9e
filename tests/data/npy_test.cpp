#include <glow/data/table.hpp>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// An .npy file of version 1, 2 or 3 with this header and these numbers.
template <class F>
std::string npy(const std::string& header, const std::vector<F>& numbers, int version = 1) {
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  const std::string text = header + "\n";
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file += static_cast<char>(text.size() >> (8 * i));
  file += text;
  return file.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(F));
}

// The header that NumPy writes.
std::string npy_header(const std::string& descr, const std::string& shape, const char* fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }   ";
}

std::string npy_refusal(const std::string& file) {
  return message_of<FileError>([&] { read_npy(file, "t.npy"); });
}

const std::vector<float> six{1, 2, 3, 4, 5, 6};

}  // namespace

TEST_CASE("npy: float32 and float64 of every version are read in order") {
  for (const int version : {1, 2, 3}) {
    const Table t = read_npy(npy(npy_header("<f4", "(3, 2)"), six, version), "t.npy");
    CHECK(t.rows.shape() == Shape{3, 2});
    CHECK(std::equal(t.rows.begin(), t.rows.end(), six.begin(), six.end()));
    CHECK(t.columns.empty());
  }
  const std::vector<double> doubles{0.1, -1e30, 3};
  const Table t = read_npy(npy(npy_header("<f8", "(1, 3)"), doubles), "t.npy");
  CHECK(t.rows.shape() == Shape{1, 3});
  CHECK((t.rows[0] == 0.1f && t.rows[1] == -1e30f && t.rows[2] == 3));
}

TEST_CASE("npy: other arrays are refused, with what would be right") {
  const auto refusal = [](const std::string& descr, const std::string& shape, const char* fortran = "False") {
    return npy_refusal(npy(npy_header(descr, shape, fortran), six));
  };
  CHECK(refusal(">f4", "(3, 2)") ==
        "'t.npy': dtype '>f4' is neither '<f4' nor '<f8', little-endian float32 and float64; save "
        "x.astype('<f4')");
  CHECK(contains(refusal("<i8", "(3, 2)"), "dtype '<i8' is neither"));
  CHECK(refusal("<f4", "(3, 2)", "True") ==
        "'t.npy': the array is in Fortran order; save numpy.ascontiguousarray(x)");
  CHECK(refusal("<f4", "(6,)") == "'t.npy': an array of rank 1 is no table [N, D], which has rank 2");
  CHECK(contains(refusal("<f4", "()"), "rank 0"));
  CHECK(contains(refusal("<f4", "(1, 2, 3)"), "rank 3"));
  CHECK(refusal("<f4", "(0, 2)") == "'t.npy': an array of 0 x 2 has no numbers");
  CHECK(contains(npy_refusal(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}", six)),
                 "records of several types are not read"));
}

TEST_CASE("npy: files that are cut short, too long or no .npy are refused") {
  const std::string whole = npy(npy_header("<f4", "(3, 2)"), six);
  CHECK(npy_refusal(whole.substr(0, whole.size() - 1)) == "'t.npy': 23 bytes of numbers are not 3 x 2 x 4");
  CHECK(npy_refusal(whole + "1234") == "'t.npy': 28 bytes of numbers are not 3 x 2 x 4");
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK(npy_refusal(whole.substr(0, size)) != "");
  CHECK(contains(npy_refusal(whole.substr(0, 40)), "cut short within its header of"));
  CHECK(contains(npy_refusal("1,2\n"), "is not an .npy file: it does not start with \\x93NUMPY"));
  CHECK(
      contains(npy_refusal(npy(npy_header("<f4", "(3, 2)"), six, 4)), "version 4 of .npy is not 1, 2 or 3"));
  CHECK(contains(npy_refusal(npy(npy_header("<f4", "(4611686018427387904, 4)"), six)), "bytes of numbers"));
}

TEST_CASE("npy: headers that are none are refused") {
  const auto refusal = [](const std::string& header) { return npy_refusal(npy(header, six)); };
  CHECK(contains(refusal("{'descr': '<f4', 'shape': (3, 2)}"), "one of descr, fortran_order and shape is"));
  CHECK(contains(refusal("{'descr': '<f4', 'descr': '<f4'}"), "'descr' is unknown or appears twice"));
  CHECK(contains(refusal("{'other': 1}"), "'other' is unknown"));
  CHECK(contains(refusal("{'fortran_order': maybe}"), "neither True nor False"));
  CHECK(contains(refusal("{'shape': (3, -2)}"), "the shape is not one of an array"));
  CHECK(contains(refusal("{'shape': (99999999999999999999, 2)}"), "the shape is not one of an array"));
  CHECK(contains(refusal("{'descr': '<f4"), "a quote is not closed"));
  CHECK(contains(refusal("[]"), "'{' is missing at byte 0"));
}

TEST_CASE("npy: numbers that are not finite are named by row and column") {
  std::vector<float> bad = six;
  bad[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(npy_refusal(npy(npy_header("<f4", "(3, 2)"), bad)) ==
        "'t.npy', row 2, column 2: nan is not a finite number");
  const std::vector<double> huge{1, 1e300};
  CHECK(npy_refusal(npy(npy_header("<f8", "(2, 1)"), huge)) ==
        "'t.npy', row 2, column 1: 1e+300 is too large for a float of 32 bits");
}

TEST_CASE("tables: a file is read by its name's end") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.csv", "x,y\n1,2\n");
  write_file_atomically(folder / "a.npy", npy(npy_header("<f4", "(3, 2)"), six));
  CHECK(read_table(folder / "a.csv").columns == std::vector<std::string>{"x", "y"});
  CHECK(read_table(folder / "a.npy").rows.shape() == Shape{3, 2});
  CHECK(contains(message_of<FileError>([&] { read_table(folder / "a.txt"); }), "neither .csv nor .npy"));
  CHECK(contains(message_of<FileError>([&] { read_table(folder / "b.csv"); }), "b.csv"));
}

TEST_CASE("npy: 8-bit images are written as NumPy does") {
  const TemporaryFolder folder;
  const std::vector<std::uint8_t> numbers{1, 2, 3, 250, 5, 6};
  write_npy(folder / "x.npy", {3, 1, 2, 1}, numbers);
  const auto bytes = read_file(folder / "x.npy");
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  CHECK(text.size() == 128 + 6);
  CHECK(text.substr(0, 10) == std::string("\x93NUMPY\x01\0\x76\0", 10));
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 1, 2, 1), }";
  CHECK(text.substr(10, header.size()) == header);
  CHECK(text[127] == '\n');
  CHECK(std::equal(numbers.begin(), numbers.end(), bytes.begin() + 128,
                   [](std::uint8_t a, std::byte b) { return std::byte{a} == b; }));
  CHECK(contains(message_of<FileError>([&] { read_npy(text, "x.npy"); }), "dtype '|u1'"));
  CHECK(contains(message_of<ShapeError>([&] {
                   write_npy(folder / "y.npy", {2, 2}, numbers);
                 }),
                 "6 numbers are not 2x2"));
}
