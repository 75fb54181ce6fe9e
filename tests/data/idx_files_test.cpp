#include "data/idx_files.hpp"

#include "data/attributes.hpp"
#include "data/foreign_data.hpp"
#include "data/gzip.hpp"
#include "data/open_dataset.hpp"
#include "data/with_classes.hpp"
#include "files.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

// An IDX file of images [2, 2], each of one shade, and one of labels.
std::string idx_of_shades(const std::string& shades) {
  std::string file("\0\0\x08\x03\0\0\0", 7);
  file += static_cast<char>(shades.size()) + std::string("\0\0\0\x02\0\0\0\x02", 8);
  for (const char shade : shades) file += std::string(4, shade);
  return file;
}
std::string idx_of_labels(const std::string& labels) {
  return std::string("\0\0\x08\x01\0\0\0", 7) + static_cast<char>(labels.size()) + labels;
}

// One image [2, 4] as an IDX file, by gzip; the same of which gzip packed each of two parts; and labels 7 and
// 2.
const std::string packed_images(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\xe0\x60\x66\x60\x60\x60\x04\x62\x26\x20"
    "\x66\x61\x64\x62\x61\x65\x66\x61\x63\x07\x00\x01\xa8\x4c\x0e\x18\x00\x00\x00",
    41);

const std::string packed_halves(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\xe0\x60\x66\x60\x60\x60\x64\x60\x00\x00"
    "\x69\x03\x45\x00\x0a\x00\x00\x00\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\x62\x60"
    "\x60\x60\x61\x64\x62\x61\x65\x66\x61\x63\x07\x00\x46\x74\xcd\x39\x0e\x00\x00\x00",
    64);

const std::string packed_labels(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\xe0\x60\x64\x60\x60\x60\x62\x67\x02\x00"
    "\xf2\x5b\xd3\x34\x0a\x00\x00\x00",
    30);

std::vector<int> pixels_of_all(const Dataset& data) {
  std::vector<int> all;
  std::vector<std::uint8_t> image(static_cast<std::size_t>(data.shape().size()));
  for (Index i = 0; i < data.size(); ++i) {
    REQUIRE(data.load(i, image.data()));
    all.insert(all.end(), image.begin(), image.end());
  }
  return all;
}

// The first pixel of each image.
std::vector<int> shades_of(const Dataset& data) {
  std::vector<int> shades;
  const std::vector<int> all = pixels_of_all(data);
  for (std::size_t i = 0; i < all.size(); i += static_cast<std::size_t>(data.shape().size()))
    shades.push_back(all[i]);
  return shades;
}

// A folder with the files of MNIST: three images to train on, and two to test.
struct MnistFolder {
  TemporaryFolder folder;
  MnistFolder() {
    put("train-images-idx3-ubyte", idx_of_shades("\x05\x06\x07"));
    put("t10k-images-idx3-ubyte", idx_of_shades("\x08\x09"));
    put("train-labels-idx1-ubyte", idx_of_labels("\x02\x07\x07"));
    put("t10k-labels-idx1-ubyte", idx_of_labels("\x07\x02"));
  }
  void put(const std::string& name, const std::string& bytes) const {
    write_file_atomically(folder / name, bytes);
  }
  void remove(const std::string& name) const { std::filesystem::remove(folder / name); }
  std::string path() const { return folder.path().string(); }
};

}  // namespace

TEST_CASE("idx files: what gzip has packed is read, whatever its name and in how many parts") {
  const TemporaryFolder folder;
  for (const auto& [name, bytes] :
       {std::pair{"a-images-idx3-ubyte.gz", packed_images}, std::pair{"b-images-idx3-ubyte", packed_images},
        std::pair{"c-images-idx3-ubyte.gz", packed_halves}}) {
    write_file_atomically(folder / name, bytes);
    const auto data = open_dataset((folder / name).string(), {});
    CHECK(data->shape() == Shape{2, 4, 1});
    CHECK(pixels_of_all(*data) == std::vector<int>{1, 2, 4, 5, 3, 4, 6, 7});
  }
}

TEST_CASE("idx files: gzip's files that are damaged or cut short are refused by name") {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& bytes) {
    write_file_atomically(folder / "images.gz", bytes);
    return message_of<FileError>([&] { open_dataset((folder / "images.gz").string(), {}); });
  };
  const std::string lead = "'" + (folder / "images.gz").string() + "' is damaged, and gzip's data cannot be ";
  for (std::size_t length = 2; length < packed_images.size(); ++length)
    CHECK(refusal(packed_images.substr(0, length)) == lead + "unpacked: cut short");
  std::string damaged = packed_images;
  damaged[damaged.size() - 8] = static_cast<char>(damaged[damaged.size() - 8] ^ 1);
  CHECK(refusal(damaged) == lead + "unpacked: incorrect data check");
  damaged = packed_images;
  damaged.back() = 1;
  CHECK(refusal(damaged) == lead + "unpacked: incorrect length check");
  CHECK(refusal(packed_images + "more") == lead + "unpacked: incorrect header check");
}

TEST_CASE("idx files: of MNIST's folder the images to train on come first, then those to test") {
  const MnistFolder m;
  CHECK(holds_mnist(m.path()));
  CHECK(!is_picture_folder(m.path()));
  const auto data = open_dataset(m.path(), {});
  CHECK(data->shape() == Shape{2, 2, 1});
  CHECK(shades_of(*data) == std::vector<int>{5, 6, 7, 8, 9});
  CHECK(open_dataset(m.path(), ImageSize{4, 4}, 3)->shape() == Shape{4, 4, 3});
  const auto classes = with_classes(open_dataset(m.path(), {}), m.path());
  std::vector<Index> labels;
  for (Index i = 0; i < classes->size(); ++i) labels.push_back(classes->label(i));
  CHECK(labels == std::vector<Index>{0, 1, 1, 1, 0});
  CHECK(classes->classes()[1] == "7");
}

TEST_CASE("idx files: each of MNIST's files may be packed") {
  const MnistFolder m;
  for (const std::string part : {"train", "t10k"}) {
    m.remove(part + "-images-idx3-ubyte");
    m.put(part + "-images-idx3-ubyte.gz", packed_images);
    CHECK(holds_mnist(m.path()));
  }
  CHECK(open_dataset(m.path(), {})->size() == 2);
  CHECK(open_dataset(m.path(), {})->shape() == Shape{2, 4, 1});
  const std::string two_images = (m.folder / "two-images-idx3-ubyte").string();
  m.put("two-images-idx3-ubyte", idx_of_shades("\x01\x02"));
  m.put("two-labels-idx1-ubyte.gz", packed_labels);
  CHECK(read_idx_labels_of(two_images) == std::vector<Index>{7, 2});
  m.put("packed-images-idx3-ubyte.gz", packed_images);
  m.put("packed-labels-idx1-ubyte", idx_of_labels("\x04"));
  CHECK(read_idx_labels_of(m.folder / "packed-images-idx3-ubyte.gz") == std::vector<Index>{4});
  const Attributes attributes = read_attributes(m.folder / "two-labels-idx1-ubyte.gz");
  CHECK(attributes.names == std::vector<std::string>{"2", "7"});
}

TEST_CASE("idx files: a folder of MNIST without its test images, or with others, is refused") {
  const MnistFolder m;
  const auto refusal = [&] { return message_of<FileError>([&] { open_dataset(m.path(), {}); }); };
  m.put("t10k-images-idx3-ubyte", packed_images);
  CHECK(contains(refusal(), "t10k-images-idx3-ubyte' has images 2x4x1, but those to train on are 2x2x1"));
  m.remove("t10k-images-idx3-ubyte");
  CHECK(contains(refusal(), (m.folder / "t10k-images-idx3-ubyte").string() + "' does not exist"));
  m.put("t10k-images-idx3-ubyte", idx_of_labels("\x01"));
  CHECK(contains(refusal(), "t10k-images-idx3-ubyte': IDX rank 1"));
}

TEST_CASE("idx files: where Fashion-MNIST is not installed, the message names the package") {
  CHECK(contains(absent_data_hint(fashion_mnist_folder), "apt-get install dataset-fashion-mnist"));
  CHECK(contains(absent_data_hint("elsewhere"), "an IDX file"));
}
