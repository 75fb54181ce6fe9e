// Readers of other programs' files: what they find, and what they refuse.
#include <cstdint>
#include <cstring>

#include <nlohmann/json.hpp>

#include "files.hpp"
#include "foreign/msgpack.hpp"
#include "foreign/torch_file.hpp"
#include "places.hpp"
#include "support.hpp"

using namespace glow;
using namespace glow::test;
using foreign::Array;
using foreign::File;

namespace {

std::filesystem::path torch_file(const std::string& name) {
  return source_folder() / "tests/fixtures/torch" / name;
}

const Array& array_named(const File& file, const std::string& name) {
  for (const Array& a : file.arrays) {
    if (a.name == name) return a;
  }
  throw Error("there is no array " + name);
}

std::vector<std::byte> bytes_from(const std::string& text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

// What follows the first pickles of a legacy file: the number, the version, a system of which nothing is
// said.
std::string legacy_file(const std::string& rest) {
  return std::string(
             "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.") +
         rest;
}
std::string refusal_of_legacy(const std::string& rest) {
  return message_of<FileError>([&] { foreign::read_torch(bytes_from(legacy_file(rest)), "F"); });
}

std::string number(std::uint32_t n, std::size_t bytes = 4) {
  return std::string(reinterpret_cast<const char*>(&n), bytes);
}
std::string text_opcode(const std::string& text) {
  return "X" + number(static_cast<std::uint32_t>(text.size())) + text;
}

// A legacy file of a tensor, given its offset, shape and strides as opcodes, in a storage of 6 floats.
std::string legacy_tensor(const std::string& offset, const std::string& shape, const std::string& strides,
                          const std::string& type = "torch\nFloatStorage") {
  return "\x80\x02}" + text_opcode("w") + "ctorch._utils\n_rebuild_tensor_v2\n((" + text_opcode("storage") +
         "c" + type + "\n" + text_opcode("s") + text_opcode("cpu") + "K\x06tQ" + offset + shape + strides +
         "\x89"
         "ccollections\nOrderedDict\n)RtRs."
         "\x80\x02]" +
         text_opcode("s") + "a." + number(6) + number(0) + std::string(24, '\0');
}

// A zip of stored entries; `wrong` may change the parts of it.
struct ZipEntry {
  std::string name, data;
  std::uint16_t method = 0, flags = 0;
};
std::string zip_of(const std::vector<ZipEntry>& entries) {
  std::string file, directory;
  for (const ZipEntry& e : entries) {
    const auto begin = static_cast<std::uint32_t>(file.size()),
               size = static_cast<std::uint32_t>(e.data.size()),
               name = static_cast<std::uint32_t>(e.name.size());
    const std::string common = number(20, 2) + number(e.flags, 2) + number(e.method, 2) + number(0) +
                               number(0) + number(size) + number(size) + number(name, 2) + number(0, 2);
    file += "PK\x03\x04" + common + e.name + e.data;
    directory += "PK\x01\x02" + number(20, 2) + common + number(0, 2) + number(0, 2) + number(0, 2) +
                 number(0) + number(begin) + e.name;
  }
  const auto count = static_cast<std::uint32_t>(entries.size());
  return file + directory + "PK\x05\x06" + number(0) + number(count, 2) + number(count, 2) +
         number(static_cast<std::uint32_t>(directory.size())) +
         number(static_cast<std::uint32_t>(file.size())) + number(0, 2);
}
std::string refusal_of_zip(const std::vector<ZipEntry>& entries) {
  return message_of<FileError>([&] { foreign::read_torch(bytes_from(zip_of(entries)), "F"); });
}

nlohmann::json ndarray(const nlohmann::json& parts, std::uint8_t code = 1) {
  return nlohmann::json::binary(nlohmann::json::to_msgpack(parts), code);
}
nlohmann::json ndarray(const std::vector<Index>& shape, const std::string& type, std::size_t bytes) {
  return ndarray(
      nlohmann::json::array({shape, type, nlohmann::json::binary(std::vector<std::uint8_t>(bytes, 0))}));
}
File msgpack_file(const nlohmann::json& json) {
  const auto bytes = nlohmann::json::to_msgpack(json);
  const auto all = std::as_bytes(std::span(bytes));
  return foreign::read_msgpack({all.begin(), all.end()}, "F");
}
std::string refusal_of_msgpack(const nlohmann::json& json) {
  return message_of<FileError>([&] { msgpack_file(json); });
}

}  // namespace

TEST_CASE("foreign files: PyTorch's arrays of every type, views and nested ones") {
  const std::string name = GENERATE("arrays.pt", "arrays_legacy.pt", "arrays_protocol_4.pt");
  INFO(name);
  const File file = foreign::read_foreign(torch_file(name));
  CHECK(file.kind == (name == "arrays_legacy.pt" ? "PyTorch, legacy" : "PyTorch, zip"));
  CHECK(file.arrays.size() == 14);
  const auto check = [&](const std::string& array, std::vector<Index> shape, auto value) {
    INFO(array);
    const Array& a = array_named(file, array);
    CHECK(a.shape == shape);
    const auto numbers = numbers_of(file.name, a);
    REQUIRE(numbers.size() == static_cast<std::size_t>(a.size()));
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(numbers[i] == value(static_cast<int>(i)));
  };
  const auto eighths = [](int i) { return i / 8.0; };
  for (const char* type : {"half", "bfloat", "single", "double"})
    check(std::string("weights.") + type, {4, 6}, eighths);
  check("weights.scalar", {}, [](int) { return 2.5; });
  check("weights.empty", {0, 3}, eighths);
  check("weights.turned", {6, 4}, [](int i) { return (i % 4 * 6 + i / 4) / 8.0; });
  check("weights.part", {2, 2}, [](int i) { return ((1 + i / 2) * 6 + 2 + i % 2 * 2) / 8.0; });
  check("weights.parameter", {1, 6}, eighths);
  check("list.0", {6}, eighths);
  check("list.1.0", {6}, [](int i) { return (6 + i) / 8.0; });
  check("3", {6}, [](int i) { return (12 + i) / 8.0; });
  for (const auto& [array, type] : {std::pair("weights.long", "int64"), std::pair("weights.truth", "bool")}) {
    CHECK(message_of<FileError>([&, n = array] { numbers_of("F", array_named(file, n)); }) ==
          join("'F': '", array, "' is of type ", type,
               "; the numbers of a model are float16, bfloat16, float32 or float64"));
  }
}

TEST_CASE("foreign files: halves of every kind") {
  const auto value = [](std::uint16_t bits) {
    const Array a{"h", foreign::Element::f16, {}, {}, std::as_bytes(std::span(&bits, 1))};
    return numbers_of("F", a)[0];
  };
  CHECK(value(0x3C00) == 1);
  CHECK(value(0xC000) == -2);
  CHECK(value(0x0001) == std::ldexp(1.0, -24));
  CHECK(value(0x03FF) == std::ldexp(1023.0, -24));
  CHECK(value(0x0400) == std::ldexp(1.0, -14));
  CHECK(value(0x7BFF) == 65504);
  CHECK(std::isinf(value(0x7C00)));
  CHECK(std::isnan(value(0x7E00)));
}

TEST_CASE("foreign files: a cut anywhere is refused") {
  for (const std::string name : {"arrays.pt", "arrays_legacy.pt"}) {
    const auto whole = read_file(torch_file(name));
    for (std::size_t size = 2; size < whole.size(); size += 7) {
      INFO(name << " " << size);
      const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK(message_of<FileError>([&] { foreign::read_torch(part, "F"); }).starts_with("'F': "));
    }
  }
  const auto whole = read_file(source_folder() / "tests/fixtures/seed_8x4x1.msgpack");
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    INFO(size);
    const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(contains(message_of<FileError>([&] { foreign::read_msgpack(part, "F"); }), "no whole msgpack"));
  }
}

TEST_CASE("foreign files: pickles that name or call anything else") {
  CHECK(refusal_of_legacy("\x80\x02"
                          "cos\nsystem\n" +
                          text_opcode("true") + "\x85R.") ==
        "'F': pickle, byte 27: it names 'os system', which is none of the names that a file of tensors "
        "needs; save "
        "the model's state_dict()");
  CHECK(contains(refusal_of_legacy("\x80\x04\x8c\x08"
                                   "builtins\x8c\x04"
                                   "eval\x93."),
                 "it names 'builtins eval'"));
  CHECK(contains(refusal_of_legacy("\x80\x02"
                                   "cmodel\nGlow\n)\x81."),
                 "it names 'model Glow'"));
  CHECK(refusal_of_legacy("\x80\x02)\x81.") ==
        "'F': pickle, byte 28: opcode 0x81 is not one that data need");    // NEWOBJ
  CHECK(contains(refusal_of_legacy("ios\nsystem\n."), "opcode 0x69"));     // INST
  CHECK(contains(refusal_of_legacy("\x80\x02\x82\x01."), "opcode 0x82"));  // EXT1
  CHECK(contains(refusal_of_legacy("\x80\x09."), "protocol 9 of pickles is not known"));
  CHECK(contains(refusal_of_legacy("ctorch\nFloatStorage\n)R."), "a call of what is no known function"));
  CHECK(contains(refusal_of_legacy("]})b."), "attributes of what is no dictionary") == false);
  CHECK(contains(refusal_of_legacy("])b."), "attributes of what is no dictionary"));
  CHECK(contains(refusal_of_legacy("h\x05."), "value 5 was not set aside"));
  CHECK(contains(refusal_of_legacy("a."), "a value is missing"));
  CHECK(contains(refusal_of_legacy("t."), "a mark is missing"));
  CHECK(contains(refusal_of_legacy("))."), "2 values in place of one"));
}

TEST_CASE("foreign files: tensors that do not lie in their storages") {
  const auto outside = [](const std::string& offset, const std::string& shape, const std::string& strides) {
    const std::string message = refusal_of_legacy(legacy_tensor(offset, shape, strides));
    INFO(message);
    return contains(message, "does not lie in its storage, 's', of 6 numbers");
  };
  const File file = foreign::read_torch(
      bytes_from(legacy_file(legacy_tensor("K\x01", "K\x02K\x02\x86", "K\x03K\x01\x86"))), "F");
  REQUIRE(file.arrays.size() == 1);
  CHECK(file.arrays[0].name == "w");
  CHECK(file.arrays[0].shape == std::vector<Index>{2, 2});
  CHECK(outside("K\x06", "K\x01\x85", "K\x01\x85"));                // begins behind
  CHECK(outside("K\x01", "K\x06\x85", "K\x01\x85"));                // ends behind
  CHECK(outside(std::string("K\0", 2), "K\x03\x85", "K\x03\x85"));  // strides too long
  CHECK(
      outside(std::string("K\0", 2), "K\x07\x85", std::string("K\0\x85", 3)));  // more numbers than there are
  const std::string huge = "\x8a\x08" + std::string(7, '\xff') + "\x7f";
  CHECK(outside(std::string("K\0", 2), huge + huge + "\x86", huge + huge + "\x86"));
  CHECK(outside(huge, "K\x02\x85", huge + "\x85"));
  CHECK(contains(refusal_of_legacy(legacy_tensor("J\xff\xff\xff\xff", "K\x01\x85", "K\x01\x85")),
                 "a tensor's offset must be a whole number, 0 or more"));
  CHECK(contains(refusal_of_legacy(legacy_tensor("K\x01", "K\x01\x85", "J\xff\xff\xff\xff\x85")),
                 "a stride must be a whole number, 0 or more"));
  CHECK(contains(refusal_of_legacy(legacy_tensor("K\x01", "K\x01\x85", ")")),
                 "a tensor of rank 1 with 0 strides"));
  CHECK(contains(refusal_of_legacy(legacy_tensor("K\x01", "K\x01\x85", "K\x01\x85", "torch\nQInt8Storage")),
                 "it names 'torch QInt8Storage'"));
  CHECK(contains(refusal_of_legacy(legacy_tensor("K\x01", "K\x01\x85", "K\x01\x85", "torch\nDoubleStorage")),
                 "is said to hold 6 of float64, but there are 24 bytes"));
}

TEST_CASE("foreign files: values that grow as they are read") {
  std::string lists = "\x80\x02]q\x01";  // each holds the one before ten times: 10^30 values by name
  for (char i = 1; i < 31; ++i) {
    lists += "](";
    for (int times = 0; times < 10; ++times) lists += std::string("h") + i;
    lists += std::string("eq") + static_cast<char>(i + 1);
  }
  CHECK(contains(refusal_of_legacy("\x80\x02(" + lists.substr(2) + "t." + "\x80\x02]."), "holds more than"));
  CHECK(contains(refusal_of_legacy("]q\x01h\x01"
                                   "a."
                                   "\x80\x02]."),
                 "is nested deeper than 64"));  // in a circle
  CHECK(contains(refusal_of_legacy(std::string(100000, ']') + std::string(99999, 'a') + ".\x80\x02]."),
                 "nested deeper"));
  // OrderedDicts of one list, and storages of one long key
  std::string items = "](", calls = "(";
  for (int i = 0; i < 2000; ++i) items += "NN\x86";
  for (int i = 0; i < 2000; ++i) calls += "h\x01h\x02R";
  CHECK(contains(refusal_of_legacy("ccollections\nOrderedDict\nq\x01" + items + "e\x85q\x02" + calls + "t."),
                 "the OrderedDicts have too many items"));
  CHECK(contains(refusal_of_legacy("(" + text_opcode("storage") + "ctorch\nFloatStorage\n" +
                                   text_opcode(std::string(1000, 'k')) + text_opcode("cpu") + "K\x06tQ."),
                 "the key of a storage has 1000 bytes, more than 64"));
}

TEST_CASE("foreign files: zips that are none of PyTorch's") {
  const std::string pickle = "\x80\x02}.";
  CHECK(foreign::read_torch(bytes_from(zip_of({{"a/data.pkl", pickle}})), "F").arrays.empty());
  CHECK(contains(refusal_of_zip({{"a/x", pickle}}), "a zip without data.pkl"));
  CHECK(contains(refusal_of_zip({{"a/data.pkl", pickle}, {"b/data.pkl", pickle}}), "more than one data.pkl"));
  CHECK(contains(refusal_of_zip({{"a/data.pkl", pickle}, {"a/data.pkl", pickle}}),
                 "'a/data.pkl' is there twice"));
  CHECK(contains(refusal_of_zip({{"a/data.pkl", pickle, 8}}), "is compressed, by method 8"));
  CHECK(contains(refusal_of_zip({{"a/data.pkl", pickle, 0, 1}}), "is encrypted"));
  CHECK(
      contains(refusal_of_zip({{"a/data.pkl", pickle}, {"a/byteorder", "big"}}), "its byte order is 'big'"));
  CHECK(contains(refusal_of_zip({{"a/data.pkl",
                                  "\x80\x02"
                                  "cos\nsystem\n."}}),
                 "a/data.pkl, byte 2: it names 'os system'"));
  // a storage that is not there, and one that is shorter than it is said to be
  const std::string tensor = legacy_tensor("K\x01", "K\x01\x85", "K\x01\x85");
  const std::string state = tensor.substr(0, tensor.find("RtRs.") + 5);
  CHECK(contains(refusal_of_zip({{"a/data.pkl", state}}), "'w': there is no storage 's'"));
  CHECK(contains(refusal_of_zip({{"a/data.pkl", state}, {"a/data/s", std::string(23, '\0')}}),
                 "is said to hold 6 of float32, but has 23 bytes"));
}

TEST_CASE("foreign files: zips whose numbers have 64 bits") {
  const std::string name = "a/data.pkl", data = "\x80\x02}.", all_ones = number(0xFFFFFFFF);
  const auto wide = [](std::uint64_t n) { return std::string(reinterpret_cast<const char*>(&n), 8); };
  const std::string extra =
      number(7, 2) + number(2, 2) + "??" + number(1, 2) + number(24, 2) + wide(4) + wide(4) + wide(0);
  const std::string local = "PK\x03\x04" + number(45, 2) + std::string(16, '\0') + number(4) + number(10, 2) +
                            number(0, 2) + name + data;
  const auto file = [&](const std::string& extra_field) {
    std::string directory = "PK\x01\x02" + number(45, 2) + number(45, 2) + std::string(12, '\0') + all_ones +
                            all_ones + number(10, 2) +
                            number(static_cast<std::uint32_t>(extra_field.size()), 2) +
                            std::string(10, '\0') + all_ones + name + extra_field;
    const std::string record = "PK\x06\x06" + wide(44) + number(45, 2) + number(45, 2) + number(0) +
                               number(0) + wide(1) + wide(1) + wide(directory.size()) + wide(local.size());
    const std::string locator = "PK\x06\x07" + number(0) + wide(local.size() + directory.size()) + number(1);
    return local + directory + record + locator + "PK\x05\x06" + number(0) + number(0xFFFF, 2) +
           number(0xFFFF, 2) + all_ones + all_ones + number(0, 2);
  };
  const auto read = [](const std::string& bytes) { return foreign::read_torch(bytes_from(bytes), "F"); };
  CHECK(read(file(extra)).kind == "PyTorch, zip");
  const auto refusal = [&](const std::string& bytes) { return message_of<FileError>([&] { read(bytes); }); };
  CHECK(contains(refusal(file(extra.substr(0, 6) + number(1, 2) + number(8, 2) + wide(4))),
                 "the extra field of 'a/data.pkl' lacks a number"));
  CHECK(contains(refusal(file(extra.substr(0, 6) + number(1, 2) + number(99, 2) + wide(4))),
                 "is longer than all of them"));
  std::string elsewhere = file(extra);
  elsewhere[elsewhere.find("PK\x06\x07") + 12] = '\x7f';
  CHECK(contains(refusal(elsewhere), "its record of a large zip is said to be at byte"));
}

TEST_CASE("foreign files: msgpack of flax") {
  const nlohmann::json all{
      {"params", {{"a", ndarray({2, 3}, "float32", 24)}, {"b", {1, ndarray({}, "float64", 8), nullptr}}}},
      {"step", 7}};
  const File file = msgpack_file(all);
  REQUIRE(file.arrays.size() == 2);
  CHECK(file.arrays[0].name == "params|a");
  CHECK(file.arrays[0].shape == std::vector<Index>{2, 3});
  CHECK(file.arrays[1].name == "params|b|1");
  CHECK(file.arrays[1].element == foreign::Element::f64);
  CHECK(refusal_of_msgpack({{"a", ndarray({2, 3}, "float32", 23)}}) ==
        "'F': array 'a': its 23 bytes are not 2x3 of float32");
  CHECK(contains(refusal_of_msgpack({{"a", ndarray({2, 0}, "float32", 4)}}), "4 bytes are not 2x0"));
  CHECK(contains(refusal_of_msgpack({{"a", ndarray({1099511627776, 1099511627776}, "float32", 4)}}),
                 "4 bytes are not"));
  CHECK(contains(refusal_of_msgpack({{"a", ndarray({-1}, "float32", 4)}}), "it is not [shape, type, bytes]"));
  CHECK(contains(refusal_of_msgpack({{"a", ndarray({1}, "complex64", 8)}}), "type 'complex64' is not read"));
  CHECK(
      contains(refusal_of_msgpack({{"a", ndarray(nlohmann::json{1, 2})}}), "it is not [shape, type, bytes]"));
  CHECK(contains(refusal_of_msgpack({{"a", ndarray(nlohmann::json{{1}, "float32"})}}),
                 "it is not [shape, type, bytes]"));
  CHECK(contains(refusal_of_msgpack({{std::string(2000, 'k'), ndarray({1}, "float32", 4)}}),
                 "an array's name has more than 1024 bytes"));
  const auto deep = message_of<FileError>(
      [] { foreign::read_msgpack(std::vector<std::byte>(1000000, std::byte{0x91}), "F"); });
  CHECK(deep == "'F': it is nested deeper than 64");
}
