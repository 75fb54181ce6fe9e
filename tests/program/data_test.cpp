// Which images a command takes, and what it says of them beside those that the run was trained on.
#include <set>

#include "image/picture.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

void put(const std::filesystem::path& file, std::uint64_t seed, Index channels) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(16 * channels));
  for (std::size_t k = 0; k < pixels.size(); ++k)
    pixels[k] = static_cast<std::uint8_t>(Random{seed, k}.words(0)[0] >> 24);
  app::write_png(file, {4, 4, channels, pixels});
}

void put_all(const std::filesystem::path& folder, std::uint64_t first, std::uint64_t count, Index channels) {
  std::filesystem::create_directories(folder);
  for (std::uint64_t i = first; i < first + count; ++i)
    put(folder / (std::to_string(i) + ".png"), i, channels);
}

const Words tiny{"--size", "4x4", "--levels", "1", "--depth", "1", "--width", "8", "--batch", "4"};

// A run on twenty pictures, made once; each test has a copy of its own of the run and its data.
struct Photos {
  TemporaryFolder folder;
  std::filesystem::path photos = folder / "photos", run = folder / "run";

  explicit Photos(Index channels = 3) {
    put_all(photos, 0, 20, channels);
    const Outcome o = glow(Words{"train", "--data", "photos", "--out", "run", "--steps", "2"} + tiny);
    INFO(o.err);
    REQUIRE(o.status == 0);
  }

  Outcome glow(const Words& words) const { return run_glow(words, folder.path()); }

  // The JSON of `glow evaluate run WORDS`; what it says on stderr goes to `said`.
  json evaluate(const Words& words, std::string* said = nullptr) const {
    const Outcome o = glow(Words{"evaluate", "run", "--json"} + words);
    INFO(o.err);
    REQUIRE(o.status == 0);
    if (said != nullptr) *said = o.err;
    return json_lines(o.out).at(0);
  }
};

std::string idx(std::size_t count, const std::string& pixels) {
  return std::string("\0\0\x08\x03\0\0", 6) + static_cast<char>(count >> 8) + static_cast<char>(count & 255) +
         std::string("\0\0\0\x08\0\0\0\x08", 8) + pixels;
}

}  // namespace

TEST_CASE("data: what is given by hand is taken whole, unless a split is asked for") {
  const TemporaryFolder folder;
  train_digits(folder / "number", {"--steps", "1", "--train-split", "1600"});
  train_digits(folder / "share", {"--steps", "1", "--train-split", "0.9"});
  const std::string digits = text_of(digits_file()).substr(16);
  const std::string test = (folder / "test-idx3-ubyte").string();
  write_file_atomically(test, idx(100, digits.substr(digits.size() - 6400)));
  for (const std::string run : {"number", "share"}) {
    const auto evaluate = [&](const Words& words) {
      const Outcome o = run_glow(Words{"evaluate", (folder / run).string(), "--json"} + words);
      INFO(o.err);
      REQUIRE(o.status == 0);
      CHECK(o.err.empty());
      return json_lines(o.out).at(0);
    };
    const json all = evaluate({"--data", test});
    CHECK(all.at("images") == 100);
    CHECK(all.at("split") == "all");
    CHECK(all.at("data") == "different");
    CHECK(all.at("trained_on") == 0);
    CHECK(evaluate({"--data", test, "--split", "all"}) == all);
    CHECK(evaluate({"--split", "validation"}) == evaluate({"--split", "val"}));
  }
  const Outcome val = run_glow({"evaluate", (folder / "share").string(), "--data", test, "--split", "val"});
  CHECK(contains(val.out, "val: 10 images"));
  // The first digits were trained on.
  write_file_atomically(test, idx(50, digits.substr(0, 3200)));
  const Outcome seen = run_glow({"evaluate", (folder / "number").string(), "--data", test});
  CHECK(seen.err == "glow: warning: 50 of these 50 images were trained on\n");
}

TEST_CASE("data: two pictures are enough to walk between") {
  const Photos p;
  put_all(p.folder / "two", 30, 2, 3);
  for (const std::string command : {"interpolate", "reconstruct"}) {
    const Outcome o = p.glow({command, "run", "--data", "two"});
    INFO(o.err);
    CHECK(o.status == 0);
    CHECK(contains(o.out, "all of two, not the data of training"));
  }
}

TEST_CASE("data: a folder that grows keeps its split, and every command says that it has grown") {
  const Photos p;
  const json before = p.evaluate({});
  CHECK(before.at("data") == "same");
  CHECK(before.at("images") == 2);
  const json record = json::parse(text_of(p.run / "data.json"));
  put_all(p.photos, 20, 30, 3);
  std::string said;
  const json after = p.evaluate({}, &said);
  CHECK(after.at("data") == "grown");
  CHECK(after.at("images") >= 2);
  CHECK(after.at("trained_on") == 0);
  CHECK(said == "glow: warning: the data '" + p.photos.string() +
                    "' have grown since training, from 20 images to 50\n");
  CHECK(p.evaluate({"--split", "train"}).at("trained_on") == 18);
  for (const std::string command : {"reconstruct", "interpolate"})
    CHECK(contains(p.glow({command, "run"}).err, "have grown since training, from 20 images to 50\n"));
  const Outcome resumed = p.glow({"train", "--resume", "run", "--steps", "3"});
  INFO(resumed.err);
  CHECK(resumed.status == 0);
  CHECK(contains(resumed.err, "the data 'photos' have grown since training, from 20 images to 50\n"));
  // What was trained on stays so.
  const json now = json::parse(text_of(p.run / "data.json"));
  CHECK(now.at("images") == 50);
  CHECK(now.at("last_train_key") == record.at("last_train_key"));
  for (const char* side : {"train_names", "validation_names"}) {
    const auto names = now.at(side).get<std::set<std::string>>();
    for (const std::string name : record.at(side)) CHECK(names.count(name) == 1);
  }
  CHECK(p.evaluate({}).at("data") == "same");
}

TEST_CASE("data: images that changed, and images that were trained on, are not taken in silence") {
  const Photos p;
  std::string said;
  CHECK(p.evaluate({"--data", "photos"}, &said).at("trained_on") == 18);
  CHECK(said == "glow: warning: 18 of these 20 images were trained on\n");
  std::filesystem::copy(p.photos, p.folder / "copy");
  std::filesystem::rename(p.folder / "copy/3.png", p.folder / "copy/x.png");
  CHECK(p.evaluate({"--data", "copy"}, &said).at("data") == "different");
  CHECK(said == "glow: warning: 18 of these 20 images were trained on\n");
  put(p.photos / "3.png", 99, 3);
  CHECK(p.evaluate({}, &said).at("data") == "different");
  CHECK(contains(said,
                 "' differ from those of training: 1 of 20 images are gone or changed, 1 of today's 20 "
                 "are new\n"));
}

TEST_CASE("data: validation images that are trained on under another name are counted") {
  const TemporaryFolder folder;
  put_all(folder / "photos", 0, 10, 3);
  for (const std::string& name : names_in(folder / "photos"))
    std::filesystem::copy(folder / "photos" / name, folder / ("photos/again_" + name));
  const Outcome o = run_glow(
      Words{"train", "--data", "photos", "--train-split", "0.95", "--steps", "1", "--out", "run"} + tiny,
      folder.path());
  CHECK(o.status == 0);
  CHECK(o.err ==
        "glow: warning: the data 'photos' hold 1 images to validate on, of 1, that are the same as images "
        "to train on\n");
  CHECK(run_glow({"evaluate", "run"}, folder.path()).err ==
        "glow: warning: 1 of these 1 images were trained on\n");
}

TEST_CASE("data: a run finds its data from any folder, and takes their new place") {
  const Photos p;
  const json before = p.evaluate({});
  const Outcome elsewhere = run_glow({"evaluate", p.run.string(), "--json"}, "/");
  CHECK(json_lines(elsewhere.out).at(0) == before);
  const Outcome resumed = run_glow({"train", "--resume", p.run.string(), "--steps", "3"}, "/");
  INFO(resumed.err);
  CHECK(resumed.status == 0);
  CHECK(resumed.err.empty());
  CHECK(contains(resumed.out, "of photos (the same as before), "));

  std::filesystem::rename(p.photos, p.folder / "moved");
  const Outcome lost = p.glow({"evaluate", "run"});
  CHECK(lost.status == 1);
  CHECK(lost.err == "glow: data: the run was trained on '" + p.photos.string() +
                        "', which does not exist; give its new place with --data\n");
  const json moved = p.evaluate({"--data", "moved", "--split", "val"});
  CHECK(moved.at("data") == "same");
  CHECK(moved.at("images") == before.at("images"));
  const Outcome here = p.glow({"train", "--resume", "run", "--data", "moved", "--steps", "4"});
  INFO(here.err);
  CHECK(here.status == 0);
  CHECK(here.err.empty());
  CHECK(p.evaluate({}).at("data") == "same");
  const Outcome other = p.glow({"train", "--resume", "run", "--data", "digits", "--steps", "5"});
  CHECK(contains(other.err,
                 "the data 'digits' differ from those of training: 20 of 20 images are gone or "
                 "changed, 1797 of today's 1797 are new\n"));
}

TEST_CASE("data: what was trained on before the data changed is not forgotten") {
  const Photos p;
  put_all(p.folder / "other", 40, 10, 3);
  for (const std::string steps : {"3", "4"}) {
    const Outcome o = p.glow({"train", "--resume", "run", "--data", "other", "--steps", steps});
    INFO(o.err);
    REQUIRE(o.status == 0);
    CHECK(o.err.empty() == (steps == "4"));
    CHECK(p.evaluate({"--data", "photos"}).at("trained_on") == 18);
  }
  const auto trained = p.evaluate({"--data", "other"}).at("trained_on").get<int>();
  CHECK(trained > 0);
  CHECK(trained < 10);
}

TEST_CASE("data: going on from another place is going on with the same run") {
  const Photos whole, parts;
  const auto go_on = [](const Photos& p, const Words& words) {
    const Outcome o = p.glow(Words{"train", "--resume", "run"} + words);
    INFO(o.err);
    REQUIRE(o.status == 0);
  };
  go_on(whole, {"--steps", "9"});
  std::filesystem::rename(parts.photos, parts.folder / "moved");
  go_on(parts, {"--steps", "9", "--data", "moved"});
  const auto a = SafetensorsFile::open(whole.run / checkpoint_of(9)),
             b = SafetensorsFile::open(parts.run / checkpoint_of(9));
  for (const TensorInfo& t : a.tensors()) {
    INFO(t.name);
    CHECK(same_bits<float>(a.read<float>(t.name), b.read<float>(t.name)));
  }
}

TEST_CASE("data: a run without a record of its data loads, and says that it has none") {
  const Photos p;
  const auto path = p.run / checkpoint_of(2);
  const auto file = SafetensorsFile::open(path);
  SafetensorsWriter writer;
  std::map<std::string, Tensor<float>> tensors;
  for (const TensorInfo& t : file.tensors()) {
    if (t.name != "data/fingerprints") tensors[t.name] = file.read<float>(t.name);
  }
  for (const auto& [name, x] : tensors) writer.add(name, x.view());
  for (const auto& [key, value] : file.metadata()) {
    if (key != "data") writer.metadata(key, value);
  }
  writer.save(path);
  std::string said;
  const json line = p.evaluate({}, &said);
  CHECK(line.at("data") == "unknown");
  CHECK(line.at("images") == 2);
  CHECK(said ==
        "glow: warning: the data 'photos' may have changed since training: this run has no record of "
        "them\n");
  CHECK(p.glow({"train", "--resume", "run", "--steps", "3"}).status == 0);
}

TEST_CASE("data: grey pictures make a grey model, which reads pictures of any kind") {
  const Photos p(1);
  CHECK(contains(p.glow({"summary", "run"}).out, "4x4x1"));
  CHECK(
      contains(p.glow({"summary", "run"}).out, "Trained on 18 of 20 images of " + p.photos.string() + "\n"));
  CHECK(p.evaluate({}).at("images") == 2);
  put_all(p.folder / "colour", 0, 5, 3);
  std::string said;
  CHECK(p.evaluate({"--data", "colour"}, &said).at("images") == 5);
  CHECK(said == "glow: warning: 'colour' has pictures in colour, which are made grey for this model\n");
  const Words train{"train", "--data", "colour", "--channels", "1", "--out", "asked", "--steps", "1"};
  REQUIRE(p.glow(train + tiny).status == 0);
  CHECK(p.glow({"evaluate", "asked", "--data", "colour"}).err ==
        "glow: warning: 4 of these 5 images were trained on\n");
}

TEST_CASE("data: summary tells of the images that train makes") {
  const Photos p(1);
  const auto input = [&](const Words& words) {
    const Outcome o = p.glow(Words{"summary", "--levels", "1", "--depth", "1"} + words);
    INFO(o.err);
    const auto at = o.out.find("Input");
    REQUIRE(at != std::string::npos);
    std::istringstream line(o.out.substr(at + 5));
    std::string input_shape;
    line >> input_shape;
    return input_shape;
  };
  CHECK(input({"--data", digits_file().string(), "--size", "32x32"}) == "32x32x1");
  CHECK(input({"--data", "photos", "--size", "4x4"}) == "4x4x1");
  CHECK(input({"--data", "photos", "--size", "4x4", "--channels", "3"}) == "4x4x3");
  CHECK(input({"--data", "photos"}) == "64x64x1");
  CHECK(input({"--channels", "3"}) == "8x8x3");
  put(p.photos / "colour.png", 50, 3);
  CHECK(input({"--data", "photos", "--size", "4x4"}) == "4x4x3");
}

TEST_CASE("data: an image that cannot be decoded changes nothing for its neighbours") {
  const Photos p;
  put_all(p.folder / "other", 60, 9, 3);
  const json without = p.evaluate({"--data", "other"});
  for (int i = 0; i < 5; ++i)
    write_file_atomically(p.folder / ("other/bad" + std::to_string(i) + ".png"), std::string("no picture"));
  std::string said;
  const json with = p.evaluate({"--data", "other"}, &said);
  CHECK(contains(said, "bad4.png"));
  CHECK(with.at("images") == 9);
  CHECK(with.at("bits_per_dim") != 0);
  CHECK(std::abs(with.at("bits_per_dim").get<double>() - without.at("bits_per_dim").get<double>()) < 1e-12);
}

TEST_CASE("data: a folder whose name is not UTF-8 is found again") {
  const TemporaryFolder folder;
  const std::string name = "caf\xE9";
  put_all(folder / name, 0, 8, 3);
  const Outcome trained =
      run_glow(Words{"train", "--data", name, "--out", "run", "--steps", "1"} + tiny, folder.path());
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  CHECK(contains(trained.out, " of " + name + ", "));
  const auto run = (folder / "run").string();
  CHECK(run_glow({"evaluate", run}, "/").status == 0);
  const Outcome config =
      run_glow({"train", "--config", "run/config.json", "--out", "again", "--quiet"}, folder.path());
  INFO(config.err);
  CHECK(config.status == 0);
  CHECK(text_of(folder / "again/config.json") == text_of(folder / "run/config.json"));
  CHECK(run_glow({"train", "--resume", run, "--steps", "2"}, "/").status == 0);
}
