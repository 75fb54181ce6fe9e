// Training on a folder of images, some of which cannot be decoded.
#include "data/open_dataset.hpp"
#include "image/picture.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// Twenty pictures, and one file that is none.
struct Photos {
  TemporaryFolder folder;
  std::filesystem::path bad = folder / "photos/bad.jpg";

  Photos() {
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
  const Photos photos;
  for (const std::string images : {"20", "2", "10"}) {  // it is among those to train or to validate on
    const Outcome o = photos.train(images, images, {"--validate-every", "1"});
    INFO(images << "\n" << o.out << o.err);
    CHECK(o.status == 0);
    CHECK(count(o.err, "'" + photos.bad.string() + "' cannot be decoded; skipped\n") == 1);
    CHECK(one_line(o.err));
    CHECK(contains(o.out, "1 images could not be decoded and were skipped"));
  }
}

TEST_CASE("image folder: with --strict a picture that cannot be decoded is refused by name") {
  const Photos photos;
  for (const std::string images : {"20", "2", "10"}) {
    const Outcome o = photos.train(images, images, {"--strict"});
    INFO(images << "\n" << o.out << o.err);
    CHECK(o.status == 1);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, "'" + photos.bad.string() + "' cannot be decoded"));
  }
}

TEST_CASE("image folder: evaluate names what it skips") {
  const Photos photos;
  REQUIRE(photos.train("run", "10").status == 0);
  std::size_t images = 0, named = 0;
  for (const std::string split : {"train", "val"}) {
    const Outcome o = run_glow({"evaluate", (photos.folder / "run").string(), "--split", split, "--json"});
    INFO(o.err);
    CHECK(o.status == 0);
    images += json_lines(o.out).at(0).at("images").get<std::size_t>();
    named += count(o.err, "'" + photos.bad.string() + "' cannot be decoded; skipped\n");
  }
  CHECK(images == 20);
  CHECK(named == 1);
}

TEST_CASE("image folder: a validation split without pictures is refused") {
  const Photos photos;
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
