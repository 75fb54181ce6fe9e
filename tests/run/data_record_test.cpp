#include "run/data_record.hpp"

#include <set>

#include <glow/io/atomic_file.hpp>

#include "data/open_dataset.hpp"
#include "files.hpp"
#include "image/picture.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

void put(const std::filesystem::path& file, int shade) {
  write_png(file, {1, 2, 1, {static_cast<std::uint8_t>(shade), 7}});
}

// Twenty pictures of a folder.
struct Folder {
  TemporaryFolder place;
  Folder() {
    for (int i = 0; i < 20; ++i) put(place / (std::to_string(i) + ".png"), i);
  }
  std::unique_ptr<Dataset> open() const { return open_dataset(place.path().string(), ImageSize{2, 2}); }
};

MemoryDataset numbered(std::uint8_t first, std::uint8_t count) {
  std::vector<std::uint8_t> pixels;
  for (std::uint8_t i = 0; i < count; ++i)
    pixels.insert(pixels.end(), 4, static_cast<std::uint8_t>(first + i));
  return MemoryDataset({2, 2, 1}, std::move(pixels));
}

}  // namespace

TEST_CASE("data record: the same images are the same wherever they lie") {
  const Folder a, b;
  const DataRecord record = record_of(*a.open(), a.place.path().string(), 15);
  CHECK(record.fingerprint == Fingerprint::contents);
  CHECK(record.by_name);
  CHECK(record.place == a.place.path().string());
  const DataStanding standing(record, *b.open());
  CHECK(standing.same());
  CHECK(standing.word() == "same");
  CHECK(standing.change().empty());
  CHECK(standing.train(-1) == 15);
  CHECK(standing.trained_on(0, 20) == 15);
  CHECK(standing.trained_on(15, 5) == 0);
}

TEST_CASE("data record: a folder that grows keeps every image on its side") {
  const Folder folder;
  const auto before = folder.open();
  const DataRecord record = record_of(*before, "photos", 15);
  for (int i = 20; i < 50; ++i) put(folder.place / (std::to_string(i) + ".png"), i);
  const auto after = folder.open();
  const DataStanding standing(record, *after);
  CHECK(standing.word() == "grown");
  CHECK(standing.change() == "have grown since training, from 20 images to 50");
  const Index train = standing.train(-1);
  CHECK(train > 15);
  CHECK(train < 45);
  for (Index i = 0; i < 20; ++i) {
    Index now = 0;
    while (after->file(now) != before->file(i)) ++now;
    CHECK((now < train) == (i < 15));
  }
  CHECK(standing.trained_on(0, train) == 15);
  CHECK(standing.trained_on(train, 50 - train) == 0);
}

TEST_CASE("data record: images that are gone, changed or renamed are counted") {
  const Folder folder;
  const auto before = folder.open();
  const DataRecord record = record_of(*before, "photos", 15);
  const auto change = [&] { return DataStanding(record, *folder.open()).change(); };
  const auto file = before->file(0);  // was trained on
  SECTION("gone") {
    std::filesystem::remove(file);
    CHECK(change() ==
          "differ from those of training: 1 of 20 images are gone or changed, 0 of today's 19 are new");
    CHECK(DataStanding(record, *folder.open()).train(-1) == 14);
  }
  SECTION("changed") {
    put(file, 200);
    CHECK(change() ==
          "differ from those of training: 1 of 20 images are gone or changed, 1 of today's 20 are new");
  }
  SECTION("renamed, all of them") {
    for (int i = 0; i < 20; ++i) {
      std::filesystem::rename(folder.place / (std::to_string(i) + ".png"),
                              folder.place / ("n" + std::to_string(i) + ".png"));
    }
    const auto now = folder.open();
    const DataStanding standing(record, *now);
    CHECK(standing.word() == "different");
    CHECK(standing.change() == "have other names or another order than in training");
    CHECK(standing.trained_on(0, 20) == 15);  // known by their contents
  }
}

TEST_CASE("data record: images without names are known by their positions") {
  const DataRecord record = record_of(numbered(0, 20), "set", 15);
  CHECK(!record.by_name);
  const DataStanding grown(record, numbered(0, 30));
  CHECK(grown.word() == "grown");
  CHECK(grown.train(-1) == 15);
  const DataStanding other(record, numbered(10, 20));
  CHECK(other.word() == "different");
  CHECK(other.train(-1) == -1);
  CHECK(other.trained_on(0, 20) == 5);
  const Folder folder;
  CHECK(DataStanding(record, *folder.open()).train(-1) == -1);
}

TEST_CASE("data record: names and sizes serve where there is too much to read") {
  const Folder folder;
  const auto data = folder.open();
  const auto then = fingerprints(*data, Fingerprint::names_and_sizes);
  CHECK(std::set<std::int64_t>(then.begin(), then.end()).size() == 20);
  CHECK(then != fingerprints(*data, Fingerprint::contents));
  put(data->file(3), 250);  // of the same size
  CHECK(fingerprints(*data, Fingerprint::names_and_sizes) == then);
  write_file_atomically(data->file(3), text_of(data->file(3)) + "x");
  const auto now = fingerprints(*data, Fingerprint::names_and_sizes);
  for (std::size_t i = 0; i < 20; ++i) CHECK((now[i] == then[i]) == (i != 3));
}

TEST_CASE("data record: it comes back from JSON, or is refused") {
  const Folder folder;
  DataRecord record = record_of(*folder.open(), "caf\xE9", 15);
  const auto stored = nlohmann::json::parse(to_json(record).dump());
  const DataRecord back = record_from_json(stored, record.images);
  CHECK(to_json(back) == to_json(record));
  CHECK(back.given == "caf\xE9");
  CHECK(back.last_train_key == record.last_train_key);
  const auto refusal = [&](const std::string& key, const nlohmann::json& value) {
    auto changed = stored;
    changed[key] = value;
    return message_of<CheckpointError>([&] { record_from_json(changed, record.images); });
  };
  CHECK(contains(refusal("train", 20), "its record of the data has 20 of 20 images to train on"));
  CHECK(contains(refusal("train", 0), "has 0 of 20 images"));
  CHECK(contains(refusal("train", "x"), "its record of the data is damaged: "));
  CHECK(contains(refusal("last_train_key", "no"), "'last_train_key' is not a hexadecimal number"));
  CHECK(contains(refusal("hash", "0"), "does not fit its list of images"));
  CHECK(contains(message_of<CheckpointError>([&] { record_from_json("x", {}); }), "is damaged"));
}

TEST_CASE("data record: for people it names the images of both sides") {
  const Folder folder;
  const auto data = folder.open();
  const std::string place = folder.place.path().string();
  const auto stored = described(record_of(*data, "photos", 15), *data, place);
  CHECK(stored.at("data") == "photos");
  CHECK(stored.at("images") == 20);
  CHECK(stored.at("train_names").size() == 15);
  CHECK(stored.at("validation_names").size() == 5);
  CHECK(stored.at("train_names").at(0) == data->file(0).filename().string());
}
