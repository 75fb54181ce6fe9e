#include "data/open_dataset.hpp"

#include <set>

#include <glow/data/idx.hpp>
#include <glow/io/atomic_file.hpp>

#include "image/picture.hpp"
#include "places.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

using Words = std::vector<std::string>;
using PixelBytes = std::vector<std::uint8_t>;

PixelBytes pixels_of(const Dataset& data, Index i) {
  PixelBytes pixels(static_cast<std::size_t>(data.shape().size()));
  REQUIRE(data.load(i, pixels.data()));
  return pixels;
}

// One image [2, 4] as an IDX file.
const std::string small_idx("\0\0\x08\x03\0\0\0\x01\0\0\0\x02\0\0\0\x04\x01\x02\x04\x05\x03\x04\x06\x07", 24);

const std::string cifar_record =
    "\x03" + std::string(1024, 'r') + std::string(1024, 'g') + std::string(1024, 'b');

}  // namespace

TEST_CASE("open dataset: the digits are those of the file in data") {
  const auto digits = open_dataset("digits", {});
  const MemoryDataset file = read_idx_images(digits_file());
  REQUIRE(digits->size() == 1797);
  REQUIRE(file.size() == 1797);
  CHECK(digits->shape() == Shape{8, 8, 1});
  bool same = true;
  std::set<int> values;
  for (Index i = 0; i < 1797; ++i) {
    const PixelBytes pixels = pixels_of(*digits, i);
    same = same && pixels == pixels_of(file, i);
    values.insert(pixels.begin(), pixels.end());
  }
  CHECK(same);
  CHECK(values.size() == 17);  // counts 0 to 16, times 15
  CHECK(*values.rbegin() == 240);
}

TEST_CASE("open dataset: digits and IDX files are resized only if asked") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "one-idx3-ubyte", small_idx);
  const std::string path = (folder / "one-idx3-ubyte").string();
  const auto own = open_dataset(path, {});
  CHECK(own->shape() == Shape{2, 4, 1});
  CHECK(pixels_of(*own, 0) == PixelBytes{1, 2, 4, 5, 3, 4, 6, 7});
  CHECK(pixels_of(*open_dataset(path, ImageSize{2, 4}), 0) == pixels_of(*own, 0));
  CHECK(pixels_of(*open_dataset(path, ImageSize{2, 2}), 0) == PixelBytes{2, 4, 4, 6});
  const auto half = open_dataset(path, ImageSize{1, 2});
  CHECK(half->shape() == Shape{1, 2, 1});
  CHECK(pixels_of(*half, 0) == PixelBytes{3, 6});  // means 2.5 and 5.5

  const auto large = open_dataset("digits", ImageSize{16, 16});
  CHECK(large->shape() == Shape{16, 16, 1});
  CHECK(large->size() == 1797);
}

TEST_CASE("open dataset: CIFAR-10 as a file and as a folder") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "data_batch_3.bin", cifar_record);
  write_file_atomically(folder / "test_batch.bin", cifar_record + cifar_record);
  CHECK(open_dataset(folder.path().string(), {})->size() == 1);
  const auto test = open_dataset((folder / "test_batch.bin").string(), ImageSize{4, 8});
  CHECK(test->size() == 2);
  CHECK(test->shape() == Shape{4, 8, 3});
  const PixelBytes pixels = pixels_of(*test, 1);
  CHECK(pixels[0] == 'r');
  CHECK(pixels[1] == 'g');
  CHECK(pixels[2] == 'b');
}

TEST_CASE("open dataset: a folder of pictures has one fixed order") {
  const TemporaryFolder folder;
  for (int i = 0; i < 20; ++i) {
    write_png(folder / ("i" + std::to_string(i) + ".png"), {1, 1, 1, {static_cast<std::uint8_t>(i)}});
  }
  const auto data = open_dataset(folder.path().string(), ImageSize{2, 2});
  const auto again = open_dataset(folder.path().string(), ImageSize{2, 2});
  REQUIRE(data->size() == 20);
  CHECK(data->shape() == Shape{2, 2, 1});
  std::set<std::string> names;
  for (Index i = 0; i < 20; ++i) {
    names.insert(data->name(i));
    CHECK(data->name(i) == again->name(i));
    CHECK(pixels_of(*data, i) == pixels_of(*again, i));
  }
  CHECK(names.size() == 20);
  CHECK(open_dataset(folder.path().string(), {})->shape() == Shape{64, 64, 1});
}

TEST_CASE("open dataset: further pictures leave the order of the others as it is") {
  const TemporaryFolder folder;
  const auto add = [&](int i) {
    write_png(folder / ("i" + std::to_string(i) + ".png"), {1, 1, 1, {static_cast<std::uint8_t>(i)}});
  };
  const auto order = [&](FolderOrder how) {
    const auto data = open_dataset(folder.path().string(), ImageSize{2, 2}, 1, {.order = how});
    Words names;
    for (Index i = 0; i < data->size(); ++i) {
      names.push_back(data->file(i).filename().string());
      CHECK(pixels_of(*data, i) ==
            PixelBytes(4, static_cast<std::uint8_t>(std::stoi(names.back().substr(1)))));
    }
    return names;
  };
  for (int i = 0; i < 40; ++i) add(i);
  const Words before = order(FolderOrder::by_name);
  CHECK(!std::is_sorted(before.begin(), before.end()));
  CHECK(order(FolderOrder::shuffled) != before);
  for (int i = 40; i < 60; ++i) add(i);
  Words after = order(FolderOrder::by_name);
  std::erase_if(after, [](const std::string& name) { return std::stoi(name.substr(1)) >= 40; });
  CHECK(after == before);
}

TEST_CASE("open dataset: a key is of the name within the folder, wherever that is") {
  const TemporaryFolder folder;
  for (const std::string place : {"a", "b/c"}) {
    std::filesystem::create_directories(folder / place / "deep");
    for (const std::string name : {"x.png", "deep/y.png"}) write_png(folder / place / name, {1, 1, 1, {9}});
  }
  const auto a = open_dataset((folder / "a").string(), {}), b = open_dataset((folder / "b/c/").string(), {});
  REQUIRE(a->size() == 2);
  CHECK(a->key(0) < a->key(1));
  for (Index i = 0; i < 2; ++i) {
    CHECK(a->key(i) == b->key(i));
    CHECK(a->file(i).filename() == b->file(i).filename());
  }
  CHECK(open_dataset("digits", {})->key(7) == 7);
}

TEST_CASE("open dataset: a folder is grey where all of its pictures are, whatever their format") {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  write_png(folder / "grey.png", {1, 2, 1, {1, 200}});
  write_png(folder / "in_three_channels.png", {1, 2, 3, {7, 7, 7, 90, 90, 90}});
  write_file_atomically(folder / "broken.png", std::string("no picture"));
  CHECK(open_dataset(path, ImageSize{1, 2})->shape() == Shape{1, 2, 1});
  CHECK(open_dataset(path, ImageSize{1, 2}, 3)->shape() == Shape{1, 2, 3});
  for (int i = 0; i < 300; ++i) write_png(folder / (std::to_string(i) + ".png"), {1, 1, 1, {50}});
  CHECK(open_dataset(path, ImageSize{1, 2})->shape() == Shape{1, 2, 1});
  write_png(folder / "colour.png", {1, 2, 3, {7, 7, 7, 90, 90, 91}});
  CHECK(open_dataset(path, ImageSize{1, 2})->shape() == Shape{1, 2, 3});
  CHECK(open_dataset(path, ImageSize{1, 2}, 1)->shape() == Shape{1, 2, 1});
}

TEST_CASE("open dataset: channels that are asked for") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "grey", small_idx);
  write_file_atomically(folder / "colour.bin", cifar_record);
  const std::string grey = (folder / "grey").string(), colour = (folder / "colour.bin").string();
  CHECK(pixels_of(*open_dataset(grey, {}, 3), 0) ==
        PixelBytes{1, 1, 1, 2, 2, 2, 4, 4, 4, 5, 5, 5, 3, 3, 3, 4, 4, 4, 6, 6, 6, 7, 7, 7});
  CHECK(pixels_of(*open_dataset(grey, {}, 1), 0) == pixels_of(*open_dataset(grey, {}), 0));
  CHECK(pixels_of(*open_dataset(colour, ImageSize{1, 1}, 1), 0) ==
        PixelBytes{106});  // 0.299 r + 0.587 g + 0.114 b
  CHECK(
      contains(message_of([&] { open_dataset(grey, {}, 2); }), "channels: 2 must be 1 (grey) or 3 (colour)"));
}

TEST_CASE("open dataset: images for a model have its shape or are refused") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "grey", small_idx);
  write_file_atomically(folder / "colour.bin", cifar_record);
  write_png(folder / "photos.png", {1, 2, 3, {7, 7, 7, 90, 90, 91}});
  const auto shape = [&](const Shape& model, const std::string& data, Index channels) {
    return open_dataset_for(model, (folder / data).string(), channels)->shape();
  };
  CHECK(shape({4, 4, 3}, "grey", 0) == Shape{4, 4, 3});
  CHECK(shape({4, 4, 1}, "grey", 0) == Shape{4, 4, 1});
  CHECK(shape({4, 4, 1}, "", 0) == Shape{4, 4, 1});
  CHECK(shape({4, 4, 3}, "", 0) == Shape{4, 4, 3});
  CHECK(shape({4, 4, 1}, "colour.bin", 1) == Shape{4, 4, 1});
  CHECK(message_of<ShapeError>([&] {
          shape({4, 4, 1}, "colour.bin", 0);
        }) == "data: images 4x4x3 do not fit the model's 4x4x1");
}

TEST_CASE("open dataset: what is no dataset is refused by name") {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& name) {
    return message_of<FileError>([&] { open_dataset((folder / name).string(), {}); });
  };
  CHECK(contains(refusal("missing"), (folder / "missing").string()));
  CHECK(contains(refusal("missing"), "does not exist"));
  for (const std::string name : {"cifar.tar.gz", "faces.zip"}) {
    write_file_atomically(folder / name, small_idx);
    CHECK(contains(refusal(name), name));
    CHECK(contains(refusal(name), "compressed"));
  }
  write_file_atomically(folder / "text", std::string("hello"));
  CHECK(contains(refusal("text"), "not an IDX file"));
  write_file_atomically(folder / "cut", small_idx.substr(0, 20));
  CHECK(contains(refusal("cut"), "there are 4"));
  write_file_atomically(folder / "a.bin", cifar_record + "x");
  CHECK(contains(refusal("a.bin"), "3074 bytes"));
  std::filesystem::create_directories(folder / "empty/deeper");
  CHECK(contains(refusal("empty"), ".png"));
}
