#include <glow/data/cifar10.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// A record whose planes hold 1, 2 and 3 but for the first pixel: `first`, `first` + 1, `first` + 2.
std::string record(char label, char first) {
  std::string bytes(1, label);
  for (char c = 0; c < 3; ++c) {
    bytes += static_cast<char>(first + c);
    bytes += std::string(1023, static_cast<char>(1 + c));
  }
  return bytes;
}

std::vector<std::uint8_t> image(const Dataset& data, Index i) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(data.shape().size()));
  REQUIRE(data.load(i, pixels.data()));
  return pixels;
}

}  // namespace

TEST_CASE("cifar10: planes become pixels") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "some.bin", record(0, 10) + record(9, 20));
  const MemoryDataset data = read_cifar10(folder / "some.bin");
  CHECK(data.size() == 2);
  CHECK(data.shape() == Shape{32, 32, 3});
  const auto pixels = image(data, 1);
  CHECK(std::vector<int>(pixels.begin(), pixels.begin() + 6) == std::vector<int>{20, 21, 22, 1, 2, 3});
  CHECK(std::vector<int>(pixels.end() - 3, pixels.end()) == std::vector<int>{1, 2, 3});
}

TEST_CASE("cifar10: a folder gives its training batches in the order of their names") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "data_batch_2.bin", record(1, 20));
  write_file_atomically(folder / "data_batch_1.bin", record(1, 10) + record(2, 11));
  write_file_atomically(folder / "test_batch.bin", record(1, 30));
  write_file_atomically(folder / "batches.meta.txt", std::string("airplane\n"));
  const MemoryDataset data = read_cifar10(folder.path());
  REQUIRE(data.size() == 3);
  CHECK(image(data, 0)[0] == 10);
  CHECK(image(data, 1)[0] == 11);
  CHECK(image(data, 2)[0] == 20);
}

TEST_CASE("cifar10: bad files are refused by name and with what was found") {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& name) {
    return message_of<FileError>([&] { read_cifar10(folder / name); });
  };
  CHECK(contains(refusal("missing.bin"), (folder / "missing.bin").string()));

  write_file_atomically(folder / "cut.bin", record(1, 1).substr(0, 3072));
  CHECK(contains(refusal("cut.bin"), (folder / "cut.bin").string()));
  CHECK(contains(refusal("cut.bin"), "3072 bytes are not a whole number of CIFAR-10 records of 3073"));

  write_file_atomically(folder / "empty.bin", std::string());
  CHECK(contains(refusal("empty.bin"), "0 bytes"));

  write_file_atomically(folder / "label.bin", record(1, 1) + record(10, 1));
  CHECK(contains(refusal("label.bin"), "label 10 at byte 3073"));
}

TEST_CASE("cifar10: what only looks like it is told by its form") {
  const auto refusal = [&](const std::string& file) {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(file.data()), file.size());
    return message_of<FileError>([&] { read_cifar10(bytes, "x.bin"); });
  };
  const std::string idx("\0\0\x08\x03\0\0\0\1\0\0\0\2\0\0\0\2abcd", 20);
  CHECK(contains(refusal(idx), "it starts as an IDX file does"));
  CHECK(contains(refusal(std::string(2 * 3074, '\0')), "CIFAR-100"));
  CHECK(!contains(refusal(std::string(2 * 3072, '\0')), "CIFAR-100"));
  CHECK(!contains(refusal(""), "CIFAR-100"));
}

TEST_CASE("cifar10: a folder without batches or with a cut one is refused") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "test_batch.bin", record(1, 1));
  const auto refusal = [&] { return message_of<FileError>([&] { read_cifar10(folder.path()); }); };
  CHECK(contains(refusal(), folder.path().string()));
  CHECK(contains(refusal(), "data_batch_*.bin"));
  write_file_atomically(folder / "data_batch_1.bin", record(1, 1));
  write_file_atomically(folder / "data_batch_2.bin", record(1, 1) + "x");
  CHECK(contains(refusal(), "data_batch_2.bin"));
}

TEST_CASE("cifar10: labels are those of the images, in their order") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "data_batch_2.bin", record(1, 20));
  write_file_atomically(folder / "data_batch_1.bin", record(9, 10) + record(0, 11));
  CHECK(read_cifar10_labels(folder.path()) == std::vector<Index>{9, 0, 1});
  CHECK(read_cifar10_labels(folder / "data_batch_2.bin") == std::vector<Index>{1});
}
