// Work that the memory at hand cannot hold is refused before it begins, with what would fit.
#include "program/glow.hpp"
#include "program/rewritten_model.hpp"

namespace {

using namespace glow;
using namespace glow::test;

Outcome run_within(long kib_of_addresses, const Words& words) {
  const std::string limit = "ulimit -v " + std::to_string(kib_of_addresses);
  return Child(Words{"/bin/bash", "-c", limit + "; exec \"$0\" \"$@\"", glow_program} + words).wait();
}

// `glow WORDS` with 1 GB of addresses beside those of its libraries, which are many where CUDA's are among
// them.
Outcome run_within_1_gb(const Words& words) {
  static const long of_libraries = [] {
    long kib = 0;
    do kib += 1 << 15;
    while (run_within(kib, {"--version"}).status != 0 && kib < 1 << 23);
    return kib;
  }();
  return run_within(of_libraries + 1'000'000, words);
}

// Checks that it is refused in one line with every part of `named` in it.
void refused(const Outcome& o, const Words& named) {
  INFO("stderr: " << o.err);
  CHECK(o.status == 1);
  CHECK(one_line(o.err));
  for (const auto& part : named) CHECK(contains(o.err, part));
}

}  // namespace

TEST_CASE("memory limit: a batch that no memory holds is refused, and what is said to fit does") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  const auto train = [&](const std::string& batch) {
    return Words{"train",   "--out", run,       "--depth", "1",       "--levels", "1",
                 "--width", "8",     "--steps", "1",       "--batch", batch};
  };
  refused(run_glow(train("16777216")),
          {"batch: 16777216 images of 8x8x1 at a time take ", " GiB are available; "});
  const Outcome o = run_within_1_gb(train("1000000"));
  refused(o, {"batch: 1000000 images of 8x8x1 at a time take ", " GiB are available; ", " would fit"});
  REQUIRE(!std::filesystem::exists(run));
  const auto fits = std::stol(o.err.substr(o.err.find("; ") + 2));
  CHECK(fits > 10'000);
  CHECK(fits < 1'000'000);
  const Outcome half =
      run_within_1_gb(train(std::to_string(fits / 2)));  // the program itself takes some, too
  INFO(half.err);
  CHECK(half.status == 0);
}

TEST_CASE("memory limit: a model that no memory holds is refused with what would help") {
  const TemporaryFolder folder;
  refused(
      run_within_1_gb({"train", "--out", (folder / "run").string(), "--width", "65536", "--depth", "100"}),
      {"batch: 64 images of 8x8x1 at a time take ",
       "not even 1 would fit: a smaller model or a smaller size"});
  CHECK(!std::filesystem::exists(folder / "run"));
}

TEST_CASE("memory limit: images that no memory holds are refused by the option that asks for them") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  train_digits(run, {"--steps", "1"});
  refused(run_within_1_gb({"sample", run, "--count", "360000"}),
          {"--count: 360000 images of 8x8x1 at a time take ", " would fit"});
  refused(run_within_1_gb({"interpolate", run, "--steps", "80000"}),
          {"--pairs times --steps: 320000 images of 8x8x1 at a time take "});
  refused(run_within_1_gb({"manipulate", run, "--attribute", "3", "--count", "40000"}),
          {"--count times the images of --of: 320000 images of 8x8x1 at a time take "});
}

TEST_CASE("memory limit: a checkpoint made to ask for large images is refused before they are") {
  const TemporaryFolder folder;
  train_digits(folder / "run", {"--steps", "1"});
  const auto checkpoint = folder / "run" / checkpoint_of(1);
  auto config = nlohmann::json::parse(SafetensorsFile::open(checkpoint).metadata("config"));
  config["size"] = "2048x2048";
  rewrite_model(checkpoint, folder / "large", [](const std::string&, View<float>) {},
                {{"config", config.dump()}, {"model.sample", "2048x2048x1"}});
  refused(run_within_1_gb({"sample", (folder / "large").string()}),
          {"--count: 64 images of 2048x2048x1 at a time take "});
}
