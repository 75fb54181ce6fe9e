#include <glow/data/idx.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

using File = std::vector<std::uint8_t>;

// An IDX file of unsigned bytes 0, 1, 2 ... with these extents.
File idx(std::vector<std::uint32_t> extents) {
  File file{0, 0, 8, static_cast<std::uint8_t>(extents.size())};
  std::size_t total = 1;
  for (const std::uint32_t e : extents) {
    for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<std::uint8_t>(e >> shift));
    total *= e;
  }
  for (std::size_t i = 0; i < total; ++i) file.push_back(static_cast<std::uint8_t>(i));
  return file;
}

std::string refusal_of_idx(const File& file) {
  return message_of<FileError>([&] { read_idx_images(file, "x-ubyte"); });
}

}  // namespace

TEST_CASE("idx: images of rank 3 and of rank 4 are read in order") {
  const MemoryDataset grey = read_idx_images(idx({3, 2, 4}), "x-ubyte");
  CHECK(grey.size() == 3);
  CHECK(grey.shape() == Shape{2, 4, 1});
  File pixels(8);
  REQUIRE(grey.load(2, pixels.data()));
  CHECK(pixels == File{16, 17, 18, 19, 20, 21, 22, 23});

  const MemoryDataset colour = read_idx_images(idx({2, 1, 2, 3}), "x-ubyte");
  CHECK(colour.size() == 2);
  CHECK(colour.shape() == Shape{1, 2, 3});
  pixels.resize(6);
  REQUIRE(colour.load(1, pixels.data()));
  CHECK(pixels == File{6, 7, 8, 9, 10, 11});
}

TEST_CASE("idx: a file on disk is read as the same bytes in memory are") {
  const TemporaryFolder folder;
  const File file = idx({2, 2, 2});
  write_file_atomically(folder / "a-ubyte", std::string(file.begin(), file.end()));
  const MemoryDataset data = read_idx_images(folder / "a-ubyte");
  File pixels(4);
  REQUIRE(data.load(1, pixels.data()));
  CHECK(pixels == File{4, 5, 6, 7});
}

TEST_CASE("idx: a missing file and a folder are refused by name") {
  const TemporaryFolder folder;
  const std::string missing = message_of<FileError>([&] { read_idx_images(folder / "nothing"); });
  CHECK(contains(missing, (folder / "nothing").string()));
  CHECK(contains(message_of<FileError>([&] { read_idx_images(folder.path()); }), folder.path().string()));
}

TEST_CASE("idx: a file cut at any byte or too long is refused by name") {
  const File whole = idx({2, 3, 2});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    INFO("cut to " << n << " bytes");
    CHECK(contains(refusal_of_idx(File(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n))),
                   "x-ubyte"));
  }
  File longer = whole;
  longer.push_back(0);
  const std::string text = refusal_of_idx(longer);
  CHECK(contains(text, "12 bytes"));
  CHECK(contains(text, "there are 13"));
}

TEST_CASE("idx: wrong magic numbers are refused with what was found") {
  File file = idx({2, 2, 2});
  file[0] = 31;
  file[1] = 139;
  CHECK(contains(refusal_of_idx(file), "31 139"));
  file = idx({2, 2, 2});
  file[2] = 13;
  CHECK(contains(refusal_of_idx(file), "type 13"));
  CHECK(contains(refusal_of_idx(idx({5})), "rank 1"));
  CHECK(contains(refusal_of_idx(idx({1, 1, 1, 1, 1})), "rank 5"));
}

TEST_CASE("idx: channels other than 1 and 3 are refused when the file is opened") {
  for (const std::uint32_t channels : {2u, 4u, 5u, 255u}) {
    const std::string text = refusal_of_idx(idx({2, 1, 2, channels}));
    CHECK(contains(text, "with " + std::to_string(channels) + " channels"));
    CHECK(contains(text, "must be 1 (grey) or 3 (red, green, blue)"));
  }
  CHECK(read_idx_images(idx({2, 1, 2, 1}), "x-ubyte").shape() == Shape{1, 2, 1});
}

TEST_CASE("idx: JSON and other text is no IDX file") {
  const std::string json = "{\"data\": 1}";
  CHECK(contains(refusal_of_idx(File(json.begin(), json.end())), "'x-ubyte' is not an IDX file"));
  CHECK(contains(refusal_of_idx({'{', '}'}), "'x-ubyte' is not an IDX file"));
}

TEST_CASE("idx: absurd extents are refused before anything is allocated for them") {
  File file = idx({2, 2, 2});
  SECTION("more pixels than the file has") {
    for (std::size_t i = 4; i < 7; ++i) file[i] = 1;
    CHECK(contains(refusal_of_idx(file), "there are 8"));
  }
  SECTION("a product beyond 64 bits") {
    for (std::size_t i = 4; i < 16; ++i) file[i] = 255;
    CHECK(contains(refusal_of_idx(file), "absurd extent 4294967295"));
  }
  SECTION("none at all") {
    CHECK(contains(refusal_of_idx(idx({0, 2, 2})), "absurd extent 0 of axis 0"));
    CHECK(contains(refusal_of_idx(idx({2, 2, 0})), "absurd extent 0 of axis 2"));
  }
}

TEST_CASE("idx: the memory dataset refuses pixels that are not a whole number of images") {
  CHECK_THROWS_AS(MemoryDataset({2, 2, 1}, File(7)), ShapeError);
  CHECK_THROWS_AS(MemoryDataset({2, 2}, File(8)), ShapeError);
  CHECK_THROWS_AS(MemoryDataset({2, 0, 1}, File(8)), ShapeError);
}

TEST_CASE("idx: labels are read in order, and other files are refused") {
  const File file = idx({3});
  CHECK(holds_idx_labels(file));
  CHECK(!holds_idx_labels(idx({3, 1, 1})));
  const auto labels = read_idx_labels(file, "x");
  CHECK(File(labels.begin(), labels.end()) == File{0, 1, 2});
  const auto refused = [](const File& f) { return message_of<FileError>([&] { read_idx_labels(f, "x"); }); };
  CHECK(contains(refused(idx({3, 1, 1})), "'x' is not an IDX file of labels"));
  CHECK(contains(refused({}), "'x' is not an IDX file of labels"));
  CHECK(contains(refused({0, 0, 8, 1, 0}), "'x': cut short within its header"));
  CHECK(contains(refused(idx({0})), "'x': 0 labels"));
  CHECK(contains(refused(File(file.begin(), file.end() - 1)),
                 "'x': 3 labels need as many bytes, but there are 2"));
}
