// Runs of every layer that --permutation names.
#include "program/glow.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("permutation of the program: each trains, goes on with the same bits, and is known from the run") {
  const std::string kind = GENERATE("lu", "shuffle", "reverse");
  const TemporaryFolder folder;
  const Words with{"--permutation", kind};
  train_digits(folder / "whole", with + Words{"--steps", "12"});
  train_digits(folder / "run", with + Words{"--steps", "7"});
  INFO(kind);
  const std::string run = (folder / "run").string();
  REQUIRE(run_glow({"train", "--resume", run, "--steps", "12"}).status == 0);
  CHECK(text_of(folder / "run" / checkpoint_of(12)) == text_of(folder / "whole" / checkpoint_of(12)));

  const auto lines = json_lines(text_of(folder / "run/metrics.jsonl"));
  CHECK(lines.back().at("bits_per_dim").get<double>() < lines.front().at("bits_per_dim").get<double>());
  const auto config = nlohmann::json::parse(text_of(folder / "run/config.json"));
  CHECK(config.at("permutation") == kind);
  for (const std::string command : {"sample", "reconstruct", "evaluate"})
    CHECK(run_glow({command, run}).status == 0);
  CHECK(contains(run_glow({"summary", run}).out,
                 kind == "lu" ? "level1/step1/conv1x1 " : "level1/step1/permutation "));
  CHECK(contains(run_glow({"train", "--resume", run, "--permutation", kind}).err,
                 "--resume: 'permutation' cannot change"));
}

TEST_CASE("permutation of the program: a run that does not name one is one of lu, and has the same bits") {
  const TemporaryFolder folder;
  train_digits(folder / "given", {"--permutation", "lu", "--steps", "3"});
  train_digits(folder / "not", {"--steps", "3"});
  CHECK(text_of(folder / "given" / checkpoint_of(3)) == text_of(folder / "not" / checkpoint_of(3)));

  const auto file = folder / "not/config.json";
  auto config = nlohmann::json::parse(text_of(file));
  config.erase("permutation");
  write_file_atomically(file, config.dump());
  CHECK(run_glow({"train", "--resume", (folder / "not").string(), "--steps", "4"}).status == 0);
}

TEST_CASE("permutation of the program: a fixed order has nothing to train, and its memory is told") {
  const auto told = [](const std::string& kind) {
    const Outcome o = run_glow({"summary", "--data", "digits", "--permutation", kind, "--memory", "--json"});
    INFO(o.err);
    REQUIRE(o.status == 0);
    return nlohmann::json::parse(o.out);
  };
  const auto lu = told("lu"), shuffle = told("shuffle"), reverse = told("reverse");
  CHECK(shuffle.at("parameter_bytes") < lu.at("parameter_bytes"));
  CHECK(shuffle.at("derived_bytes") < lu.at("derived_bytes"));
  CHECK(shuffle == reverse);
}
