// A table of files that hold no model, and what is said of each.
#include <glow/runtime/open.hpp>

#include "files.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// A model file in parts, which a row of the table damages.
struct FileParts {
  std::string header, data;

  explicit FileParts(const std::filesystem::path& path) {
    const std::string text = text_of(path);
    std::uint64_t length = 0;
    std::memcpy(&length, text.data(), 8);
    header = text.substr(8, length);
    data = text.substr(8 + length);
  }

  void replace(const std::string& from, const std::string& to) {
    const auto at = header.find(from);
    REQUIRE(at != std::string::npos);
    header.replace(at, from.size(), to);
  }

  std::string bytes() const {
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), 8) + header + data;
  }
};

struct RefusedFile {
  std::string what;
  std::function<std::string(FileParts)> damaged;
  std::vector<std::string> said;  // after the name of the file
};

// The first tensor of the file, [4].
const std::string first = "\"level1/step1/actnorm/bias\":{\"dtype\":\"F32\",\"shape\":[4]";

const std::vector<RefusedFile> refused_files{
    {"cut in its length", [](FileParts f) { return f.bytes().substr(0, 5); }, {"it has 5 bytes, too few"}},
    {"cut in its header",
     [](FileParts f) { return f.bytes().substr(0, 400); },
     {"its header is said to have "}},
    {"cut in its numbers",
     [](FileParts f) { return f.bytes().substr(0, f.bytes().size() - 1); },
     {"tensor '", "' ends at byte ", "; the file may be cut short"}},
    {"longer than its tensors", [](FileParts f) { return f.bytes() + "more"; }, {"the tensors cover "}},
    {"of the other byte order",
     [](FileParts f) {
       std::string bytes = f.bytes();
       std::reverse(bytes.begin(), bytes.begin() + 8);
       return bytes;
     },
     {"its header is said to have "}},
    {"whose header claims all memory",
     [](FileParts f) { return std::string(7, '\xFF') + "\x7F" + f.bytes(); },
     {"its header is said to have 9223372036854775807 bytes"}},
    {"whose header is no JSON",
     [](FileParts f) {
       f.header[0] = '[';
       return f.bytes();
     },
     {"expected '{' at byte 0 of the header"}},
    {"of a smaller type",
     [](FileParts f) {
       f.replace(first, "\"level1/step1/actnorm/bias\":{\"dtype\":\"I8\",\"shape\":[16]");
       return f.bytes();
     },
     {"tensor 'level1/step1/actnorm/bias' has shape 16, but 4 is needed"}},
    {"of another shape",
     [](FileParts f) {
       f.replace(first, "\"level1/step1/actnorm/bias\":{\"dtype\":\"I32\",\"shape\":[2,2]");
       return f.bytes();
     },
     {"tensor 'level1/step1/actnorm/bias' has shape 2x2, but 4 is needed"}},
    {"of an unknown type",
     [](FileParts f) {
       f.replace(first, "\"level1/step1/actnorm/bias\":{\"dtype\":\"F8\",\"shape\":[16]");
       return f.bytes();
     },
     {"tensor 'level1/step1/actnorm/bias' is of the unknown type 'F8'"}},
    {"of a wider architecture",
     [](FileParts f) {
       f.replace("\"model.width\":\"4\"", "\"model.width\":\"8\"");
       return f.bytes();
     },
     {"tensor 'level1/step1/coupling/conv1/kernel' has shape 3x3x2x4, but 3x3x2x8 is needed"}},
    {"of a deeper architecture",
     [](FileParts f) {
       f.replace("\"model.depth\":\"1\"", "\"model.depth\":\"99999\"");
       return f.bytes();
     },
     {"there is no tensor named 'level1/step2/actnorm/bias'"}},
    {"of images that cannot be halved",
     [](FileParts f) {
       f.replace("\"model.sample\":\"4x4x1\"", "\"model.sample\":\"4x3x1\"");
       return f.bytes();
     },
     {"width 3 must be even"}},
    {"with a tensor too many",
     [](FileParts f) {
       f.replace("level1/step1/actnorm/bias", "level1/step1/actnorm/base");
       return f.bytes();
     },
     {"there is no tensor named 'level1/step1/actnorm/bias'"}},
    {"of a newer version",
     [](FileParts f) {
       f.replace("glow-checkpoint-2", "glow-checkpoint-10");
       return f.bytes();
     },
     {"its format, 10, is newer than 2, the newest that this glow reads"}},
    {"of another program",
     [](FileParts f) {
       f.replace("glow-checkpoint-2", "pt");
       return f.bytes();
     },
     {"its format is 'pt', not 'glow-checkpoint-2'"}},
    {"that does not say its domain",
     [](FileParts f) {
       f.replace("\"model.domain\"", "\"model.demesne\"");
       return f.bytes();
     },
     {"there is no metadata 'model.domain'"}},
    {"of bits that there are not",
     [](FileParts f) {
       f.replace("\"model.bits\":\"8\"", "\"model.bits\":\"9\"");
       return f.bytes();
     },
     {"metadata 'model.bits': '9' must be a whole number from 1 to 8"}},
    {"with numbers that are not finite",
     [](FileParts f) {
       f.data.replace(0, 4, std::string("\x00\x00\x80\x7F", 4));
       return f.bytes();
     },
     {"tensor 'level1/step1/actnorm/bias': number 0 is inf; it must be finite"}},
};

}  // namespace

TEST_CASE("refused files: each is refused by its name and by what is wrong, and nothing is left behind") {
  const TemporaryFolder folder;
  const auto path = folder / "model";
  save(path, Model<Glow>(Architecture{.levels = 1, .depth = 1, .width = 4}, Shape{4, 4, 1}));
  const FileParts whole(path);
  REQUIRE(message_of([&] { open(path, "cpu"); }).empty());
  for (const RefusedFile& row : refused_files) {
    INFO(row.what);
    const std::string bytes = row.damaged(whole);
    write_file_atomically(path, bytes);
    const std::string by_open = message_of<CheckpointError>([&] { open(path, "cpu"); });
    const std::string by_load = message_of<CheckpointError>([&] { load<Glow>(path); });
    CHECK(by_open == by_load);
    CHECK(by_open.starts_with("'" + path.string() + "': "));
    for (const std::string& part : row.said) {
      INFO(by_open);
      CHECK(contains(by_open, part));
    }
    CHECK(text_of(path) == bytes);
    CHECK(names_in(folder.path()) == std::vector<std::string>{"model"});
  }
}
