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

using Pixels = std::vector<std::uint8_t>;

Pixels image(const Dataset& data, Index i) {
  Pixels pixels(static_cast<std::size_t>(data.shape().size()));
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
    const Pixels pixels = image(*digits, i);
    same = same && pixels == image(file, i);
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
  CHECK(image(*own, 0) == Pixels{1, 2, 4, 5, 3, 4, 6, 7});
  CHECK(image(*open_dataset(path, ImageSize{2, 4}), 0) == image(*own, 0));
  CHECK(image(*open_dataset(path, ImageSize{2, 2}), 0) == Pixels{2, 4, 4, 6});
  const auto half = open_dataset(path, ImageSize{1, 2});
  CHECK(half->shape() == Shape{1, 2, 1});
  CHECK(image(*half, 0) == Pixels{3, 6});  // means 2.5 and 5.5

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
  const Pixels pixels = image(*test, 1);
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
  CHECK(data->shape() == Shape{2, 2, 3});
  std::set<std::string> names;
  for (Index i = 0; i < 20; ++i) {
    names.insert(data->name(i));
    CHECK(data->name(i) == again->name(i));
    CHECK(image(*data, i) == image(*again, i));
  }
  CHECK(names.size() == 20);
  CHECK(open_dataset(folder.path().string(), {})->shape() == Shape{64, 64, 3});
}

TEST_CASE("open dataset: what is no dataset is refused by name") {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& name) {
    return message_of<FileError>([&] { open_dataset((folder / name).string(), {}); });
  };
  CHECK(contains(refusal("missing"), (folder / "missing").string()));
  CHECK(contains(refusal("missing"), "does not exist"));
  for (const std::string name : {"train-images-idx3-ubyte.gz", "cifar.tar.gz", "faces.zip"}) {
    write_file_atomically(folder / name, small_idx);
    CHECK(contains(refusal(name), name));
    CHECK(contains(refusal(name), "compressed"));
  }
  write_file_atomically(folder / "text", std::string("hello"));
  CHECK(contains(refusal("text"), "no IDX file"));
  write_file_atomically(folder / "cut", small_idx.substr(0, 20));
  CHECK(contains(refusal("cut"), "there are 4"));
  write_file_atomically(folder / "a.bin", cifar_record + "x");
  CHECK(contains(refusal("a.bin"), "3074 bytes"));
  std::filesystem::create_directories(folder / "empty/deeper");
  CHECK(contains(refusal("empty"), ".png"));
}
