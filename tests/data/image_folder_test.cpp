#include "data/image_folder.hpp"

#include <atomic>
#include <set>
#include <thread>

#include <stb/stb_image_write.h>

#include <glow/data/prefetcher.hpp>
#include <glow/io/atomic_file.hpp>

#include "image/picture.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

using PixelBytes = std::vector<std::uint8_t>;

void put_image(const std::filesystem::path& path, std::uint8_t grey, Index height = 4, Index width = 4) {
  std::filesystem::create_directories(path.parent_path());
  write_png(path, {height, width, 1, PixelBytes(static_cast<std::size_t>(height * width), grey)});
}

}  // namespace

TEST_CASE("image folder: nested pictures of any case come in the order of their paths") {
  const TemporaryFolder folder;
  put_image(folder / "b/two.PNG", 20);
  put_image(folder / "b/deep/one.png", 10);
  put_image(folder / "a.png", 0);
  put_image(folder / "c.JpEg", 30);  // the contents tell the format
  put_image(folder / "d.jpg", 40);
  write_file_atomically(folder / "notes.txt", std::string("x"));
  write_file_atomically(folder / "png", std::string("x"));
  std::filesystem::create_directories(folder / "folder.png");
  const ImageFolder data(folder.path(), {2, 2, 3});
  REQUIRE(data.size() == 5);
  CHECK(data.shape() == Shape{2, 2, 3});
  for (Index i = 0; i < 5; ++i) {
    PixelBytes pixels(12);
    REQUIRE(data.load(i, pixels.data()));
    CHECK(pixels == PixelBytes(12, static_cast<std::uint8_t>(10 * i)));
  }
  CHECK(data.name(1) == (folder / "b/deep/one.png").string());
}

TEST_CASE("image folder: pictures are cut to the ratio and resized") {
  const TemporaryFolder folder;
  write_png(folder / "a.png", {2, 6, 1, {99, 10, 20, 30, 50, 99, 99, 10, 20, 50, 70, 99}});
  const ImageFolder data(folder.path(), {1, 2, 1});
  PixelBytes pixels(2);
  REQUIRE(data.load(0, pixels.data()));
  CHECK(pixels == PixelBytes{15, 50});
}

TEST_CASE("image folder: a folder without pictures is refused with the extensions") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.gif", std::string("x"));
  const std::string text = message_of<FileError>([&] { ImageFolder(folder.path(), {2, 2, 3}); });
  CHECK(contains(text, folder.path().string()));
  CHECK(contains(text, ".jpg"));
  CHECK(contains(text, ".jpeg"));
  CHECK(contains(text, ".png"));
}

TEST_CASE("image folder: a missing folder and odd channels are refused") {
  const TemporaryFolder folder;
  CHECK(contains(message_of<FileError>([&] {
                   ImageFolder(folder / "none", {2, 2, 3});
                 }),
                 (folder / "none").string()));
  CHECK_THROWS_AS(ImageFolder(folder.path(), {2, 2, 2}), ShapeError);
}

TEST_CASE("image folder: pictures of more pixels than the limit are not decoded") {
  const TemporaryFolder folder;
  put_image(folder / "large.png", 1, 5, 5);
  put_image(folder / "small.png", 2);
  const ImageFolder data(folder.path(), {2, 2, 1}, 16);
  PixelBytes pixels(4);
  CHECK(!data.load(0, pixels.data()));
  CHECK(contains(data.failure(0), "large.png' cannot be decoded: 5x5 pixels are more than the limit of 16"));
  CHECK(data.load(1, pixels.data()));
}

TEST_CASE("image folder: forms of CIFAR that are not read are named with what to give instead") {
  const auto refusal = [](const std::filesystem::path& folder) {
    return message_of<FileError>([&] { ImageFolder(folder, {2, 2, 3}); });
  };
  const TemporaryFolder python, hundred, above;
  write_file_atomically(python / "data_batch_1", std::string("x"));
  CHECK(contains(refusal(python.path()), "CIFAR-10 for Python: take the binary version"));
  write_file_atomically(hundred / "train.bin", std::string(2 * 3074, '\0'));
  CHECK(contains(refusal(hundred.path()), "CIFAR-100, which is not read"));
  std::filesystem::create_directories(above / "cifar-10-batches-bin");
  CHECK(contains(refusal(above.path()), "give '" + (above / "cifar-10-batches-bin").string() + "'"));
}

TEST_CASE("image folder: pictures that cannot be decoded are skipped by name or refused if strict") {
  const TemporaryFolder folder;
  put_image(folder / "a.png", 1);
  put_image(folder / "b.png", 2);
  write_file_atomically(folder / "bad.jpg", std::string("not a picture"));
  const ImageFolder data(folder.path(), {2, 2, 1});
  PixelBytes pixels(4);
  CHECK(!data.load(2, pixels.data()));
  const std::string failure =
      "'" + (folder / "bad.jpg").string() +
      "' cannot be decoded: its first bytes are neither those of a JPEG nor of a PNG file";
  CHECK(data.failure(2) == failure);

  PrefetchOptions options;
  options.batch = 6;
  std::string named;
  options.on_skip = [&](const std::string& text) { named += text; };
  {
    Prefetcher batches(data, 0, data.size(), options);
    const Batch batch = batches.next();
    std::multiset<int> seen;
    for (std::size_t n = 0; n < 6; ++n) seen.insert(batch.pixels[4 * n]);
    // Two epochs, in each of which one of the two stands in for the bad one.
    CHECK(seen.count(1) >= 2);
    CHECK(seen.count(2) >= 2);
    CHECK(seen.count(1) + seen.count(2) == 6);
  }
  CHECK(named == failure);

  options.on_skip = {};
  options.strict = true;
  Prefetcher strict(data, 0, data.size(), options);
  CHECK(contains(message_of<FileError>([&] { strict.next(); }), (folder / "bad.jpg").string()));
}

TEST_CASE("image folder: several threads may load at once") {
  const TemporaryFolder folder;
  for (int i = 0; i < 8; ++i)
    put_image(folder / ("i" + std::to_string(i) + ".png"), static_cast<std::uint8_t>(i), 9, 7);
  write_file_atomically(folder / "z.png", std::string("bad"));
  const ImageFolder data(folder.path(), {3, 3, 3});
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      PixelBytes pixels(27);
      for (Index i = 0; i < 40; ++i) {
        const bool fine = data.load(i % 9, pixels.data());
        if (fine != (i % 9 < 8) || (fine && pixels != PixelBytes(27, static_cast<std::uint8_t>(i % 9))))
          ++wrong;
      }
    });
  }
  for (auto& t : threads) t.join();
  CHECK(wrong.load() == 0);
}
