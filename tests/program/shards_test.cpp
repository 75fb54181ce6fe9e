// Training on tar shards.
#include "data/tar_files.hpp"
#include "image/small_pictures.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

// Shards of five grey pictures each, of classes 0 to 2.
struct GreyShards {
  TemporaryFolder folder;

  explicit GreyShards(int shards = 6) {
    std::filesystem::create_directories(folder / "shards");
    for (int s = 0; s < shards; ++s) put_shard(s);
  }

  void put_shard(int s) const {
    std::string members;
    for (int i = 5 * s; i < 5 * s + 5; ++i) {
      std::string rows;
      for (std::uint64_t y = 0; y < 4; ++y) {
        rows += '\0';
        for (std::uint64_t x = 0; x < 4; ++x)
          rows += static_cast<char>(Random{static_cast<std::uint64_t>(i), y}.words(x)[0] >> 24);
      }
      members += tar_member(std::to_string(i) + ".png", png_file({4, 4}, rows)) +
                 tar_member(std::to_string(i) + ".cls", std::to_string(i % 3));
    }
    write_tar(folder / ("shards/" + std::to_string(s) + ".tar"), members);
  }

  Outcome glow(const Words& words) const { return run_glow(words, folder.path()); }
  Outcome train(const std::string& run, const Words& more) const {
    const Outcome o = glow(Words{"train", "--data", "shards/{0..5}.tar", "--size", "4x4", "--levels", "1",
                                 "--depth", "1", "--width", "8", "--batch", "4", "--out", run} +
                           more);
    INFO(o.err);
    REQUIRE(o.status == 0);
    return o;
  }
  std::vector<double> losses(const std::string& run) const {
    std::vector<double> all;
    for (const json& line : json_lines(text_of(folder / (run + "/metrics.jsonl"))))
      all.push_back(line.at("bits_per_dim"));
    return all;
  }
};

}  // namespace

TEST_CASE(
    "shards of the program: a run goes on in the middle of a shard with the very bits of an unbroken one") {
  const GreyShards shards;
  const Words options = GENERATE(Words{}, Words{"--shuffle-buffer", "7", "--flip"},
                                 Words{"--shuffle", "full"}, Words{"--shuffle-buffer", "3", "--classes"});
  const Words intervals = options + Words{"--sample-every", "0", "--validate-every", "3", "--seed", "4"};
  shards.train("whole", intervals + Words{"--steps", "20", "--threads", "2"});
  shards.train("parts", intervals + Words{"--steps", "9", "--threads", "1", "--cache-mib", "0"});
  const Outcome o =
      shards.glow({"train", "--resume", "parts", "--steps", "20", "--threads", "3", "--cache-mib", "1024"});
  INFO(o.err);
  REQUIRE(o.status == 0);
  CHECK(o.err.empty());
  CHECK(contains(o.out, "of shards/{0..5}.tar (the same as before)"));
  CHECK(shards.losses("parts") == shards.losses("whole"));
  const auto a = SafetensorsFile::open(shards.folder / ("whole/" + checkpoint_of(20)));
  const auto b = SafetensorsFile::open(shards.folder / ("parts/" + checkpoint_of(20)));
  for (const TensorInfo& t : a.tensors()) {
    INFO(t.name);
    CHECK(same_bits<float>(a.read<float>(t.name), b.read<float>(t.name)));
  }
}

TEST_CASE("shards of the program: the buffer and the kind of shuffle change the order, and are kept") {
  const GreyShards shards;
  const Words steps{"--steps", "6"};
  shards.train("auto", steps);
  shards.train("asked", steps + Words{"--shuffle", "shards"});
  shards.train("small", steps + Words{"--shuffle-buffer", "2"});
  shards.train("full", steps + Words{"--shuffle", "full"});
  CHECK(shards.losses("auto") == shards.losses("asked"));
  CHECK(shards.losses("auto") != shards.losses("small"));
  CHECK(shards.losses("auto") != shards.losses("full"));
  const json config = json::parse(text_of(shards.folder / "small/config.json"));
  CHECK(config.at("shuffle") == "auto");
  CHECK(config.at("shuffle_buffer") == 2);
  for (const Words& change : {Words{"--shuffle", "full"}, Words{"--shuffle-buffer", "3"}}) {
    const Outcome o = shards.glow(Words{"train", "--resume", "small", "--steps", "7"} + change);
    CHECK(o.status == 2);
    CHECK(contains(o.err, "cannot change when a run goes on"));
  }
  // Every image once an epoch: 27 of the 30 are trained on, the last 3 validate.
  const json record = json::parse(text_of(shards.folder / "auto/data.json"));
  CHECK(record.at("train") == 27);
  CHECK(record.at("split_by") == "position");
}

TEST_CASE("shards of the program: --shuffle that does not fit is refused") {
  const TemporaryFolder folder;
  const auto refused = [&](const Words& words) {
    const Outcome o =
        run_glow(Words{"train", "--data", "digits", "--out", (folder / "run").string()} + words);
    CHECK(one_line(o.err));
    CHECK(!std::filesystem::exists(folder / "run"));
    return std::to_string(o.status) + o.err;
  };
  CHECK(refused({"--shuffle", "shards"}) ==
        "1glow: shuffle: 'digits' does not lie in shards; such data are shuffled in full\n");
  CHECK(
      contains(refused({"--shuffle", "sharks"}), "2glow: --shuffle: 'sharks' is none of auto, full, shards"));
  CHECK(contains(refused({"--shuffle", "full", "--shuffle-buffer", "5"}),
                 "2glow: --shuffle-buffer does not go with --shuffle full"));
  CHECK(contains(refused({"--shuffle-buffer", "0"}), "2glow: --shuffle-buffer: 0 must be"));
}

TEST_CASE("shards of the program: every command takes them, and knows them from training") {
  const GreyShards shards;
  shards.train("run", {"--steps", "4", "--classes"});
  const auto evaluated = [&](const Words& words) {
    const Outcome o = shards.glow(Words{"evaluate", "run", "--json"} + words);
    INFO(o.err);
    REQUIRE(o.status == 0);
    return json_lines(o.out).at(0);
  };
  CHECK(evaluated({}).at("data") == "same");
  CHECK(evaluated({}).at("images") == 3);
  CHECK(evaluated({"--split", "train"}).at("trained_on") == 27);
  CHECK(evaluated({"--data", "shards/2.tar"}).at("trained_on") == 5);
  CHECK(shards.glow({"reconstruct", "run"}).status == 0);
  // Shards that come after the others make the data grow; the split stays.
  shards.put_shard(6);
  CHECK(evaluated({"--data", "shards", "--split", "val"}).at("images") == 8);
  CHECK(evaluated({"--data", "shards"}).at("data") == "grown");
  std::filesystem::rename(shards.folder / "shards", shards.folder / "moved");
  const Outcome lost = shards.glow({"evaluate", "run"});
  CHECK(lost.status == 1);
  CHECK(contains(lost.err, "shards/{0..5}.tar', which does not exist; give its new place with --data"));
  CHECK(evaluated({"--data", "moved/{0..5}.tar", "--split", "val"}).at("data") == "same");
}

TEST_CASE("shards of the program: a shard that goes or shrinks while training ends the run, which is saved") {
  const GreyShards shards;
  const bool shrinks = GENERATE(false, true);
  const auto run = shards.folder / "run";
  Child child(Words{glow_program,       "train", "--data",       "shards", "--size",         "4x4",
                    "--levels",         "1",     "--depth",      "1",      "--width",        "8",
                    "--batch",          "4",     "--out",        "run",    "--steps",        "100000000",
                    "--cache-mib",      "0",     "--save-every", "10",     "--sample-every", "0",
                    "--validate-every", "0"},
              shards.folder.path());
  REQUIRE(Child::has_made(run / checkpoint_of(10)));
  const auto shard = shards.folder / "shards/3.tar";
  if (shrinks) {
    std::filesystem::resize_file(shard, 1000);
  } else {
    std::filesystem::remove(shard);
  }
  const Outcome o = child.wait();
  INFO(o.err);
  CHECK(o.status == 1);
  CHECK(contains(o.err, "shards/3.tar' has "));
  CHECK(contains(o.err, shrinks ? "now has 1000; the picture '"
                                : "removed or replaced while it was in use; the picture '"));
  CHECK(contains(o.err, "; the last checkpoint is "));
  CHECK(contains(o.err, "go on with: glow train --resume"));
}

TEST_CASE("shards of the program: damaged shards are refused before there is a run") {
  const GreyShards shards;
  std::filesystem::resize_file(shards.folder / "shards/2.tar", 5 * 1024);
  const Outcome o = shards.glow({"train", "--data", "shards", "--out", "run"});
  CHECK(o.status == 1);
  CHECK(one_line(o.err));
  CHECK(
      contains(o.err, "shards/2.tar', byte 5120: the archive ends at byte 5120 without the block of zeros"));
  CHECK(!std::filesystem::exists(shards.folder / "run"));
  write_file_atomically(shards.folder / "shards/2.tar", std::string("\x1f\x8b\x08\x00", 4));
  CHECK(contains(shards.glow({"train", "--data", "shards", "--out", "run"}).err,
                 "shards/2.tar' is compressed; unpack it to .tar first"));
}
