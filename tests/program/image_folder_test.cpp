// Training on a folder of images, some of which cannot be decoded.
#include "data/open_dataset.hpp"
#include "files.hpp"
#include "image/grid.hpp"
#include "image/read_picture.hpp"
#include "image/small_pictures.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// Twenty pictures, and one file that is none.
struct PhotosWithOneBad {
  TemporaryFolder folder;
  std::filesystem::path bad = folder / "photos/bad.jpg";

  PhotosWithOneBad() {
    std::filesystem::create_directories(folder / "photos");
    for (std::uint64_t i = 0; i < 20; ++i) {
      std::vector<std::uint8_t> pixels(48);
      for (std::size_t k = 0; k < 48; ++k)
        pixels[k] = static_cast<std::uint8_t>(Random{1, k}.words(i)[0] >> 24);
      app::write_png(folder / ("photos/" + std::to_string(i) + ".png"), {4, 4, 3, pixels});
    }
    write_file_atomically(bad, std::string("no picture"));
  }

  // Trains on `images` of them; the others are for validation.
  Outcome train(const std::string& run, const std::string& images, const Words& more = {}) const {
    return run_glow(Words{"train", "--data", (folder / "photos").string(), "--size", "4x4", "--out",
                          (folder / run).string(), "--steps", "4", "--train-split", images} +
                    small_model + more);
  }
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("image folder: a picture that cannot be decoded is named once, and counted") {
  const PhotosWithOneBad photos;
  for (const std::string images : {"20", "2", "10"}) {  // it is among those to train or to validate on
    const Outcome o = photos.train(images, images, {"--validate-every", "1"});
    INFO(images << "\n" << o.out << o.err);
    CHECK(o.status == 0);
    CHECK(count(o.err,
                "'" + photos.bad.string() +
                    "' cannot be decoded: its first bytes are neither those of a JPEG nor of a PNG file; "
                    "skipped\n") == 1);
    CHECK(one_line(o.err));
    CHECK(contains(o.out, "1 images could not be decoded and were skipped"));
  }
}

TEST_CASE("image folder: with --strict a picture that cannot be decoded is refused by name") {
  const PhotosWithOneBad photos;
  for (const std::string images : {"20", "2", "10"}) {
    const Outcome o = photos.train(images, images, {"--strict"});
    INFO(images << "\n" << o.out << o.err);
    CHECK(o.status == 1);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, "'" + photos.bad.string() + "' cannot be decoded"));
  }
}

TEST_CASE("image folder: evaluate names what it skips") {
  const PhotosWithOneBad photos;
  REQUIRE(photos.train("run", "10").status == 0);
  std::size_t images = 0, named = 0;
  for (const std::string split : {"train", "val"}) {
    const Outcome o = run_glow({"evaluate", (photos.folder / "run").string(), "--split", split, "--json"});
    INFO(o.err);
    CHECK(o.status == 0);
    images += json_lines(o.out).at(0).at("images").get<std::size_t>();
    named += count(o.err, "'" + photos.bad.string() + "' cannot be decoded: ");
  }
  CHECK(images == 20);
  CHECK(named == 1);
}

TEST_CASE("image folder: a validation split without pictures is refused") {
  const PhotosWithOneBad photos;
  REQUIRE(photos.train("run", "10").status == 0);
  const auto data = app::open_dataset((photos.folder / "photos").string(), app::ImageSize{4, 4});
  for (Index i = 10; i < data->size(); ++i) write_file_atomically(data->name(i), std::string("no picture"));
  for (const std::string command : {"reconstruct", "interpolate", "evaluate"}) {
    const Outcome o = run_glow({command, (photos.folder / "run").string()});
    INFO(o.err);
    CHECK(o.status == 1);
    CHECK(contains(o.err, "none of 11 images can be decoded"));
  }
}

TEST_CASE("image folder: a photo taken upright is learned upright") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "photos");
  // Stored lying on its side: its upper half is white, and EXIF says that its top is to the right.
  std::string rows;
  for (int y = 0; y < 16; ++y) rows += std::string(1, '\0') + std::string(16, y < 8 ? '\xff' : '\0');
  for (int i = 0; i < 4; ++i) {
    write_file_atomically(folder / ("photos/" + std::to_string(i) + ".png"),
                          png_file({16, 16}, rows, png_chunk("eXIf", exif(6, true))));
  }
  const Outcome o = run_glow(Words{"train", "--data", (folder / "photos").string(), "--size", "16x16",
                                   "--out", (folder / "run").string(), "--steps", "1", "--bits", "8"} +
                             small_model);
  INFO(o.err);
  REQUIRE(o.status == 0);
  REQUIRE(run_glow({"reconstruct", (folder / "run").string(), "--count", "1"}).status == 0);
  const app::Picture p = app::read_picture(folder / "run/reconstructions.png", 1);
  const app::GridLayout layout = app::grid_layout(2, {16, 16, 1}, 8);
  REQUIRE(p.width == layout.width);
  const Index middle = layout.border + 8 * layout.scale;
  for (Index y = layout.border; y < layout.border + 16 * layout.scale; ++y) {
    CHECK(p.pixels[static_cast<std::size_t>(y * p.width + middle - 1)] == 0);
    CHECK(p.pixels[static_cast<std::size_t>(y * p.width + middle)] == 255);
  }
}

TEST_CASE("image folder: what is left out is counted by reason, and linked folders are read") {
  const PhotosWithOneBad photos;
  std::filesystem::create_directories(photos.folder / "photos/.ipynb_checkpoints");
  std::filesystem::create_directories(photos.folder / "more");
  std::filesystem::rename(photos.bad, photos.folder / "photos/a.webp");
  std::filesystem::rename(photos.folder / "photos/1.png", photos.folder / "more/1.png");
  std::filesystem::create_directory_symlink("../more", photos.folder / "photos/linked");
  const Outcome o = photos.train("run", "15");
  INFO(o.err);
  CHECK(o.status == 0);
  CHECK(contains(o.out, "on 15 images"));
  CHECK(contains(o.err, "left out: *.webp: 1 ('a.webp'), hidden: 1 ('.ipynb_checkpoints')"));
  CHECK(photos.train("quiet", "15", {"--quiet"}).err.empty());
  CHECK(app::open_dataset((photos.folder / "photos").string(), app::ImageSize{4, 4})->size() == 20);
}

TEST_CASE("image folder: neither the cache nor the number of threads changes a run") {
  const PhotosWithOneBad photos;
  std::vector<std::string> losses;
  for (const Words& more : {Words{}, Words{"--cache-mib", "0"}, Words{"--threads", "3"}}) {
    const std::string run = "run" + std::to_string(losses.size());
    REQUIRE(photos.train(run, "10", more).status == 0);
    losses.emplace_back();
    for (const auto& line : json_lines(text_of(photos.folder / (run + "/metrics.jsonl"))))
      losses.back() += line.at("bits_per_dim").dump() + " ";
  }
  CHECK(losses[1] == losses[0]);
  CHECK(losses[2] == losses[0]);
}
