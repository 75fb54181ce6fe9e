#include "program/glow.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("program: every command explains itself with an example") {
  for (const std::string command : {"train", "sample", "reconstruct", "interpolate", "evaluate", "summary"}) {
    const Outcome o = run_glow({command, "--help"});
    INFO(command << "\n" << o.out);
    CHECK(o.status == 0);
    CHECK(o.err.empty());
    CHECK(contains(o.out, "Example"));
    CHECK(contains(o.out, "\n  glow " + command + " "));
  }
}

TEST_CASE("program: its help names the commands and first steps") {
  const Outcome o = run_glow({"--help"});
  CHECK(o.status == 0);
  for (const std::string command : {"train", "sample", "reconstruct", "interpolate", "evaluate", "summary"})
    CHECK(contains(o.out, "\n  " + command + " "));
  CHECK(contains(o.out, "glow train --data digits --out runs/digits"));
}

TEST_CASE("program: training's help names every option") {
  const Outcome o = run_glow({"train", "--help"});
  for (const std::string option : {"--data",
                                   "--out",
                                   "--preset",
                                   "--config",
                                   "--size",
                                   "--channels",
                                   "--bits",
                                   "--depth",
                                   "--levels",
                                   "--width",
                                   "--learn-top-prior",
                                   "--no-learn-top-prior",
                                   "--batch",
                                   "--lr",
                                   "--warmup-steps",
                                   "--warmup-epochs",
                                   "--steps",
                                   "--epochs",
                                   "--sample-every",
                                   "--save-every",
                                   "--validate-every",
                                   "--temperature",
                                   "--flip",
                                   "--strict",
                                   "--seed",
                                   "--threads",
                                   "--train-split",
                                   "--resume",
                                   "--quiet",
                                   "--json"}) {
    INFO(option);
    CHECK(contains(o.out, option));
  }
}

TEST_CASE("program: what is no command, no option or no number is refused in one line") {
  const std::pair<Words, std::string> wrong[] = {
      {{}, "a command, such as train, is required"},
      {{"paint"}, "paint"},
      {{"train", "--stepz", "5"}, "--stepz"},
      {{"train", "--steps", "many"}, "many"},
      {{"train", "--steps"}, "--steps"},
      {{"train", "--seed", "x"}, "--seed"},
      {{"train", "--seed", "-1"}, "--seed: -1 must be a whole number from 0 on"},
      {{"sample", "run", "--seed", "-1"}, "--seed: -1 must be a whole number from 0 on"},
      {{"sample"}, "run"},
  };
  for (const auto& [words, named] : wrong) {
    const Outcome o = run_glow(words);
    INFO(o.err);
    CHECK(o.status == 2);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, named));
    CHECK(o.out.empty());
  }
}
