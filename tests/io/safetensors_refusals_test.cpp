// Files that are no safetensors files, or were made to harm.
#include <chrono>

#include <glow/io/safetensors.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

std::string length_bytes(std::uint64_t n) { return std::string(reinterpret_cast<const char*>(&n), 8); }

std::string file_with(const std::string& header, std::size_t data) {
  return length_bytes(header.size()) + header + std::string(data, '\0');
}

// What opening a file of these bytes is refused with, less the name of the file, which must lead.
std::string refusal_of_bytes(const std::string& bytes) {
  const TemporaryFolder folder;
  const auto path = folder / "bad.safetensors";
  write_file_atomically(path, bytes);
  const std::string text = message_of<CheckpointError>([&] { SafetensorsFile::open(path); });
  const std::string lead = "'" + path.string() + "': ";
  return text.rfind(lead, 0) == 0 ? text.substr(lead.size()) : "does not name its file: " + text;
}
std::string refusal_of_bytes(const std::string& header, std::size_t data) {
  return refusal_of_bytes(file_with(header, data));
}

// A header of one tensor 'x'.
std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"x":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

// A header of tensors 'a' and 'b' of two U8 each.
std::string two(const std::string& a, const std::string& b) {
  return R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)" + a +
         R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + b + "}}";
}

bool opens(const std::string& bytes) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", bytes);
  SafetensorsFile::open(folder / "a");
  return true;
}

}  // namespace

TEST_CASE("safetensors: the headers below are refused for their fault alone") {
  CHECK(opens(file_with(one("F32", "[2,3]", "[0,24]"), 24)));
  CHECK(opens(file_with(two("[0,2]", "[2,4]"), 4)));
  CHECK(opens(file_with(two("[2,4]", "[0,2]"), 4)));
  CHECK(opens(file_with("{\"__metadata__\" : {\"k\" : \"v\"}}\n ", 0)));
}

TEST_CASE("safetensors: a file cut at any byte is refused") {
  const std::string whole = file_with(one("F32", "[2]", "[0,8]"), 8);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    INFO("cut to " << n << " bytes");
    const std::string text = refusal_of_bytes(whole.substr(0, n));
    if (n < 8) {
      CHECK(text == "it has " + std::to_string(n) + " bytes, too few for a safetensors file");
    } else if (n < whole.size() - 8) {
      CHECK(text == "it is not a safetensors file, or a part of one: its header is said to have " +
                        std::to_string(whole.size() - 16) + " bytes, but the file has " + std::to_string(n));
    } else {
      CHECK(text == "tensor 'x' ends at byte 8 of the data, which has " +
                        std::to_string(n + 8 - whole.size()) + "; the file may be cut short");
    }
  }
}

TEST_CASE("safetensors: absurd header lengths are refused before anything is read") {
  for (const std::uint64_t n :
       {std::uint64_t{3}, std::uint64_t{1} << 32, std::uint64_t{1} << 63, UINT64_MAX}) {
    CHECK(contains(refusal_of_bytes(length_bytes(n) + "{}"),
                   std::to_string(n) + " bytes, but the file has 10"));
  }
}

TEST_CASE("safetensors: a header that is no JSON is refused with the place") {
  CHECK(contains(refusal_of_bytes("", 0), "expected '{' at byte 0"));
  CHECK(contains(refusal_of_bytes("GIF89a", 0), "expected '{' at byte 0"));
  CHECK(contains(refusal_of_bytes("{", 0), "expected '\"' at byte 1"));
  const std::string x = R"("x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  CHECK(contains(refusal_of_bytes("{" + x, 0), "expected '}' at byte " + std::to_string(x.size() + 1)));
  CHECK(
      contains(refusal_of_bytes("{" + x + ",}", 0), "expected '\"' at byte " + std::to_string(x.size() + 2)));
  CHECK(contains(refusal_of_bytes("{\"x\" {}}", 0), "expected ':' at byte 5"));
  CHECK(contains(refusal_of_bytes("{}{}", 0), "text after the end at byte 2"));
  CHECK(contains(refusal_of_bytes("{\"x", 0), "the string has no end"));
  CHECK(contains(refusal_of_bytes("{\"x\ny\":{}}", 0), "control characters"));
  CHECK(contains(refusal_of_bytes("{\"\\x\":{}}", 0), "no such escape"));
  CHECK(contains(refusal_of_bytes("{\"\\ud800x\":{}}", 0), "surrogate"));
  CHECK(contains(refusal_of_bytes("{\"\\u12g4\":{}}", 0), "hexadecimal"));
  CHECK(contains(refusal_of_bytes(std::string("{\0}", 3), 0), "at byte 1"));
}

TEST_CASE("safetensors: values of another kind are refused") {
  CHECK(contains(refusal_of_bytes("[]", 0), "expected '{'"));
  CHECK(contains(refusal_of_bytes("{\"x\":1}", 0), "expected '{'"));
  CHECK(refusal_of_bytes("{\"x\":{\"dtype\":null}}", 0) ==
        "tensor 'x': the value of 'dtype' is not a string, at byte 14 of the header");
  CHECK(contains(refusal_of_bytes("{\"x\":{\"shape\":[[1]]}}", 0), "expected an unsigned integer"));
  CHECK(contains(refusal_of_bytes(one("F32", "\"2\"", "[0,8]"), 8),
                 "tensor 'x': the value of 'shape' is not an array of integers"));
  CHECK(contains(refusal_of_bytes("{\"__metadata__\":{\"step\":[1]}}", 0),
                 "'__metadata__': the value of 'step' is not a string, at byte 24"));
}

TEST_CASE("safetensors: a tensor that lacks a part or has one more is named") {
  CHECK(contains(refusal_of_bytes("{\"x\":{}}", 0), "tensor 'x' lacks 'dtype'"));
  CHECK(contains(refusal_of_bytes("{\"x\":{\"dtype\":\"U8\",\"shape\":[]}}", 0),
                 "tensor 'x' lacks 'data_offsets'"));
  CHECK(contains(refusal_of_bytes(R"({"x":{"dtype":"U8","shape":[],"data_offsets":[0,1],"strides":[1]}})", 1),
                 "tensor 'x' has more than dtype, shape and data_offsets"));
}

TEST_CASE("safetensors: a header that is not UTF-8 is refused, as by the reference reader") {
  const auto named = [](const std::string& name) {
    return file_with("{\"" + name + R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1);
  };
  for (const std::string bad :
       {"\xff\xfe", "\x80", "a\xbf", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xe2\x82",
        "\xe2(\xa1", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    const auto at = std::to_string(2 + (bad[0] == 'a' ? 1 : 0));
    CHECK(refusal_of_bytes(named(bad)) == "the text is not UTF-8 at byte " + at + " of the header");
  }
  for (const std::string good : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                 "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(opens(named(good)));
  }
}

TEST_CASE(
    "safetensors: what is not a regular file is refused, and no memory is taken for what is no header") {
  CHECK(message_of<FileError>([] { SafetensorsFile::open("/dev/zero"); }) ==
        "'/dev/zero' is not a regular file");
  const TemporaryFolder folder;
  CHECK(contains(message_of<FileError>([&] { SafetensorsFile::open(folder.path()); }), "Is a directory"));
  write_file_atomically(folder / "zeros", length_bytes(0));
  std::filesystem::resize_file(folder / "zeros", std::uintmax_t{1} << 42);  // has no blocks
  CHECK(contains(message_of<CheckpointError>([&] { SafetensorsFile::open(folder / "zeros"); }),
                 "expected '{' at byte 0"));
}

TEST_CASE("safetensors: 80,000 tensors are written and read in linear time") {
  const TemporaryFolder folder;
  const std::uint8_t byte = 7;
  const auto start = std::chrono::steady_clock::now();
  SafetensorsWriter writer;
  for (int i = 0; i < 80'000; ++i)
    writer.add("layers." + std::to_string(i) + ".weight", View<const std::uint8_t>(&byte, {1}));
  writer.save(folder / "many");
  const auto file = SafetensorsFile::open(folder / "many");
  CHECK(file.tensors().size() == 80'000);
  for (const TensorInfo& t : file.tensors()) REQUIRE(&file.info(t.name) == &t);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  CHECK(taken.count() < 10);  // minutes, if each name were compared with every other
}

TEST_CASE("safetensors: an unknown type is named") {
  CHECK(refusal_of_bytes(one("F31", "[2]", "[0,8]"), 8) == "tensor 'x' is of the unknown type 'F31'");
}

TEST_CASE("safetensors: a known type that cannot be read as numbers is named") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "half", file_with(one("I16", "[2]", "[0,4]"), 4));
  const auto file = SafetensorsFile::open(folder / "half");
  CHECK(contains(message_of<CheckpointError>([&] { file.read<float>("x"); }),
                 (folder / "half").string() + "': tensor 'x' is of type I16"));
}

TEST_CASE("safetensors: a rank above 4 can be listed but not read") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "five", file_with(one("U8", "[1,1,2,1,1]", "[0,2]"), 2));
  const auto file = SafetensorsFile::open(folder / "five");
  CHECK(file.info("x").shape_text() == "1x1x2x1x1");
  CHECK(contains(message_of<CheckpointError>([&] { file.read<float>("x"); }), "tensor 'x' has rank 5"));
}

TEST_CASE("safetensors: shapes whose product overflows are refused") {
  const std::string big = "4294967296", bigger = "9223372036854775808";
  for (const std::string& shape :
       std::vector<std::string>{"[" + big + "," + big + "]", "[" + big + "," + big + "," + big + ",0]",
                                "[" + bigger + "]", "[2305843009213693952,1]"}) {
    INFO(shape);
    CHECK(refusal_of_bytes(one("F64", shape, "[0,0]"), 0) == "tensor 'x' has an absurd shape");
  }
  CHECK(
      contains(refusal_of_bytes(one("U8", "[18446744073709551616]", "[0,0]"), 0), "the number is too large"));
}

TEST_CASE("safetensors: a shape that no tensor can have can be listed but not read") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "none", file_with(one("U8", "[0,4611686018427387904]", "[0,0]"), 0));
  const auto file = SafetensorsFile::open(folder / "none");
  CHECK(message_of<CheckpointError>([&] { file.read<float>("x"); }) ==
        "'" + (folder / "none").string() +
            "': tensor 'x': Shape: 0x4611686018427387904 has more elements than memory can hold");
}

TEST_CASE("safetensors: negative numbers, fractions and leading zeros are refused") {
  for (const std::string n : {"-2", "+2", "", "x", "NaN"}) {
    INFO(n);
    CHECK(contains(refusal_of_bytes(one("U8", "[2," + n + "]", "[0,2]"), 2), "expected an unsigned integer"));
  }
  for (const std::string n : {"2.0", "2e0", "2 2"}) {
    INFO(n);
    CHECK(contains(refusal_of_bytes(one("U8", "[" + n + "]", "[0,2]"), 2), "expected ']'"));
  }
  CHECK(contains(refusal_of_bytes(one("U8", "[02]", "[0,2]"), 2), "must not start with 0"));
  CHECK(contains(refusal_of_bytes(one("U8", "[2]", "[-0,2]"), 2), "expected an unsigned integer"));
}

TEST_CASE("safetensors: offsets that are reversed, too few or too many are refused") {
  for (const std::string offsets : {"[2,0]", "[]", "[0]", "[0,1,2]"}) {
    INFO(offsets);
    CHECK(refusal_of_bytes(one("U8", "[2]", offsets), 2) == "tensor 'x': data_offsets must be [begin, end]");
  }
}

TEST_CASE("safetensors: offsets beyond the file are refused") {
  CHECK(contains(refusal_of_bytes(one("U8", "[2]", "[1,3]"), 2),
                 "tensor 'x' ends at byte 3 of the data, which has 2"));
  CHECK(contains(refusal_of_bytes(one("U8", "[2]", "[18446744073709551613,18446744073709551615]"), 2),
                 "ends at byte 18446744073709551615"));
}

TEST_CASE("safetensors: offsets that do not match the shape are refused with both sizes") {
  CHECK(refusal_of_bytes(one("F32", "[2,3]", "[0,23]"), 24) ==
        "tensor 'x' of type F32 and shape 2x3 needs 24 bytes, but its data_offsets span 23");
  CHECK(contains(refusal_of_bytes(one("F32", "[0]", "[0,4]"), 4),
                 "needs 0 bytes, but its data_offsets span 4"));
}

TEST_CASE("safetensors: tensors that overlap or leave a gap are named") {
  CHECK(contains(refusal_of_bytes(two("[0,2]", "[1,3]"), 3),
                 "tensor 'b' begins at byte 1 of the data, where 2 is due"));
  CHECK(contains(refusal_of_bytes(two("[0,2]", "[0,2]"), 2),
                 "tensor 'b' begins at byte 0 of the data, where 2 is due"));
  CHECK(contains(refusal_of_bytes(two("[0,2]", "[3,5]"), 5),
                 "tensor 'b' begins at byte 3 of the data, where 2 is due"));
  CHECK(contains(refusal_of_bytes(two("[1,3]", "[3,5]"), 5),
                 "tensor 'a' begins at byte 1 of the data, where 0 is due"));
}

TEST_CASE("safetensors: data after the last tensor are refused") {
  CHECK(refusal_of_bytes(one("U8", "[2]", "[0,2]"), 3) ==
        "the tensors cover 2 bytes of data, but there are 3");
  CHECK(refusal_of_bytes("{}", 1) == "the tensors cover 0 bytes of data, but there are 1");
}

TEST_CASE("safetensors: names that stand twice are refused") {
  const std::string tensor = R"("x":{"dtype":"U8","shape":[],"data_offsets":[0,1]})";
  CHECK(contains(refusal_of_bytes("{" + tensor + "," + tensor + "}", 1), "the key 'x' stands twice"));
  CHECK(
      contains(refusal_of_bytes(R"({"x":{"dtype":"U8","dtype":"U8"}})", 0), "the key 'dtype' stands twice"));
  CHECK(contains(refusal_of_bytes(R"({"__metadata__":{},"__metadata__":{}})", 0),
                 "'__metadata__' stands twice"));
  CHECK(contains(refusal_of_bytes("{" + tensor + R"(,"\u0078":{}})", 1), "the key 'x' stands twice"));
}
