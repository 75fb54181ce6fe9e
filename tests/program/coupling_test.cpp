// Runs of every map that --coupling names.
#include "program/glow.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE(
    "coupling of the program: every map trains, goes on with the same bits, and is known from the run") {
  const std::string map = GENERATE("affine", "additive", "exp", "spline", "shifted");
  const TemporaryFolder folder;
  const Words with{"--coupling", map};
  train_digits(folder / "whole", with + Words{"--steps", "12"});
  train_digits(folder / "run", with + Words{"--steps", "7"});
  INFO(map);
  REQUIRE(run_glow({"train", "--resume", (folder / "run").string(), "--steps", "12"}).status == 0);
  CHECK(text_of(folder / "run" / checkpoint_of(12)) == text_of(folder / "whole" / checkpoint_of(12)));

  const auto lines = json_lines(text_of(folder / "run/metrics.jsonl"));
  CHECK(lines.back().at("bits_per_dim").get<double>() < lines.front().at("bits_per_dim").get<double>());
  const auto config = nlohmann::json::parse(text_of(folder / "run/config.json"));
  CHECK(config.at("coupling") == map);
  for (const std::string command : {"sample", "reconstruct", "evaluate", "summary"})
    CHECK(run_glow({command, (folder / "run").string()}).status == 0);
  CHECK(contains(run_glow({"train", "--resume", (folder / "run").string(), "--coupling", map}).err,
                 "--resume: 'coupling' cannot change"));
}

TEST_CASE("coupling of the program: each map makes a model of its own") {
  std::vector<long> sizes;
  for (const std::string map : {"affine", "additive", "exp", "spline", "shifted"}) {
    const Outcome o = run_glow(Words{"summary", "--data", "digits", "--coupling", map, "--memory", "--json"});
    INFO(o.err);
    REQUIRE(o.status == 0);
    sizes.push_back(nlohmann::json::parse(o.out).at("parameter_bytes").get<long>());
  }
  CHECK(sizes[0] == sizes[2]);  // two numbers a channel
  CHECK(sizes[1] < sizes[0]);
  CHECK(sizes[3] > sizes[0]);
}

TEST_CASE("coupling of the program: in bf16 too") {
  const TemporaryFolder folder;
  const Outcome o =
      train_digits(folder / "run", {"--coupling", "spline", "--precision", "bf16", "--steps", "6"});
  CHECK(o.status == 0);
  CHECK(contains(run_glow({"evaluate", (folder / "run").string()}).out, "bits/dim"));
}
