// JSON from strangers: what is wrong with it is told with the file, the line and the key.
#include "run/json_file.hpp"

#include <glow/io/atomic_file.hpp>

#include "run/config.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;
using nlohmann::json;

// What `text` is refused with as a file of settings, less the name, which must lead.
std::string json_refusal(const std::string& text) {
  const std::string what = message_of<FileError>([&] { read_settings(parse_json(text, "'c'")); });
  return what.rfind("'c'", 0) == 0 ? what.substr(3) : "does not name its source: " + what;
}

std::string nested(std::size_t depth, const std::string& open, const std::string& close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += "1";
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

}  // namespace

TEST_CASE("json file: an object comes back with the lines of its members") {
  const JsonObject o = parse_json("{\"bits\": 5,\n\n \"lr\"\n:\n 1e-3, \"data\": \"\\u00e9\"\n}\n", "'c'");
  CHECK(o.values == json{{"bits", 5}, {"lr", 1e-3}, {"data", "\u00e9"}});
  CHECK(o.place("bits") == "'c', line 1: ");
  CHECK(o.place("lr") == "'c', line 3: ");
  CHECK(o.place("data") == "'c', line 5: ");
  CHECK(o.place("none") == "'c': ");
}

TEST_CASE("json file: text that is not JSON is refused with the line") {
  for (const std::string text : {"",
                                 " ",
                                 "{",
                                 "{bits",
                                 "{\"bits\":5,}",
                                 "{\"bits\" 5}",
                                 "{\"bits\":5}}",
                                 "{\"bits\":5} x",
                                 "{\"bits\":05}",
                                 "{\"bits\":+5}",
                                 "{\"bits\":0x5}",
                                 "{\"bits\":.5}",
                                 "{\"lr\":NaN}",
                                 "{\"lr\":Infinity}",
                                 "{\"lr\":-inf}",
                                 "{\"lr\":1e}",
                                 "{'bits':5}",
                                 "{\"bits\":5 // five\n}",
                                 "{\"data\":\"a\nb\"}",
                                 "{\"data\":\"\\x\"}",
                                 "{\"data\":\"\xff\"}",
                                 "{\"data\":\"\\ud800\"}"}) {
    INFO(text);
    CHECK(contains(json_refusal(text), ", line 1: not valid JSON: "));
  }
  CHECK(contains(json_refusal("{\"bits\": 5,\n}"), ", line 2: not valid JSON: syntax error"));
  CHECK(json_refusal(std::string("{\n}\0", 4)) == ", line 2: not valid JSON: it has a byte of value 0");
  CHECK(
      contains(json_refusal("{\"lr\":1e999}"), ", line 1: not valid JSON: number overflow parsing '1e999'"));
  CHECK(json_refusal("{\"data\":\"" + std::string(100'000, 'x')).size() < 300);
}

TEST_CASE("json file: an empty text that lies nowhere, as that of an empty file, is refused") {
  CHECK(contains(message_of<FileError>([] { parse_json(std::string_view(), "'c'"); }),
                 "'c', line 1: not valid JSON: "));
}

TEST_CASE("json file: what is no object is refused") {
  for (const std::string text : {"[1]", "5", "\"x\"", "null", "true"})
    CHECK(json_refusal(text) == ": a JSON object is needed");
}

TEST_CASE("json file: a key that appears twice is named") {
  CHECK(json_refusal("{\"bits\": 5,\n\"lr\": 1,\n\"bits\": 4}") == ", line 3: the key 'bits' appears twice");
  CHECK(json_refusal("{\"a\": [{\"b\": 1, \"\\u0062\": 2}]}") == ", line 1: the key 'b' appears twice");
  CHECK(parse_json("{\"a\": {\"b\": 1}, \"b\": [{\"b\": 1}, {\"b\": 2}]}", "c").values.size() == 2);
}

TEST_CASE("json file: nesting is bounded, however deep") {
  const std::string text = ", line 1: objects and arrays are nested deeper than 32 levels";
  CHECK(json_refusal(nested(200'000, "{\"a\":", "}")) == text);
  CHECK(json_refusal("{\"a\":" + nested(200'000, "[", "]") + "}") == text);
  CHECK(json_refusal(nested(33, "{\"a\":", "}")) == text);
  CHECK(json_refusal(nested(32, "{\"a\":", "}")) == ", line 1: there is no setting 'a'");
  CHECK(json_refusal(std::string(200'000, '[')) == text);
}

TEST_CASE("json file: settings of the wrong kind or out of range are named with their line") {
  CHECK(json_refusal("{\n\"bits\":\n9\n}") == ", line 2: bits: 9 must be 1 to 8");
  CHECK(json_refusal("{\n\n\"bitz\": 9}") == ", line 3: there is no setting 'bitz'");
  CHECK(json_refusal("{\"batch\": 0}") == ", line 1: batch: 0 must be 1 to 16777216");
  CHECK(json_refusal("{\"batch\": 1e3}") == ", line 1: batch: 1000 must be a whole number, 1 to 16777216");
  CHECK(json_refusal("{\"seed\": 18446744073709551616}") ==
        ", line 1: seed: 1.84467e+19 must be a whole number, at least 0");
  CHECK(json_refusal("{\"bits\": {}}") == ", line 1: bits: {} must be a whole number, 1 to 8");
  CHECK(json_refusal("{\"size\": \"8\"}") ==
        ", line 1: size: '8' must be HxW, such as 64x64, with sides from 1 to 4096");
  CHECK(json_refusal("{\"device\": \"gpu\"}") == ", line 1: device: 'gpu' is none of auto, cpu, cuda");
  CHECK(json_refusal("{\"precision\": \"half\"}") ==
        ", line 1: precision: 'half' is none of full, tf32, bf16");
  CHECK(contains(json_refusal("{\"activations\": \"\"}"), ", line 1: activations: '' is none of flat, lean"));
}

TEST_CASE("json file: files are named, and large ones refused before they are taken for JSON") {
  const TemporaryFolder folder;
  const auto path = folder / "c.json";
  const std::string name = "'" + path.string() + "'";
  const auto refused = [&] { return message_of<FileError>([&] { read_json(path); }); };
  CHECK(contains(refused(), "cannot open " + name + ": No such file"));
  write_file_atomically(path, std::string("{\"bits\": 5\n"));
  CHECK(contains(refused(), name + ", line 1: not valid JSON: "));
  write_file_atomically(path, std::string("{\"bits\": 5}"));
  CHECK(read_json(path).values == json{{"bits", 5}});
  std::filesystem::resize_file(path, std::uintmax_t{1} << 42);  // has no blocks
  CHECK(refused() == name + ": a JSON file must not exceed 16777216 bytes");
  CHECK(contains(message_of<FileError>([] { read_json("/dev/zero"); }), "must not exceed"));
  CHECK(contains(message_of<FileError>([&] { read_json(folder.path()); }), "Is a directory"));
}
