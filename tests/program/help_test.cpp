#include "program/glow.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("program: every command explains itself with an example") {
  for (const std::string command : {"train", "sample", "reconstruct", "interpolate", "manipulate", "evaluate",
                                    "check", "summary", "import", "export"}) {
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
  for (const std::string command : {"train", "sample", "reconstruct", "interpolate", "manipulate", "evaluate",
                                    "check", "summary", "import", "export"})
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
                                   "--telemetry-every",
                                   "--trace",
                                   "--temperature",
                                   "--flip",
                                   "--strict",
                                   "--seed",
                                   "--threads",
                                   "--classes",
                                   "--condition",
                                   "--train-split",
                                   "--resume",
                                   "--quiet",
                                   "--json"}) {
    INFO(option);
    CHECK(contains(o.out, option));
  }
}

TEST_CASE("program: training's help tells defaults and ranges, and no internals of the parser") {
  const std::string help = run_glow({"train", "--help"}).out;
  for (const std::string told : {"default 5, digits 4; 1 to 8", "default 16, digits 4; 1 to 1024",
                                 "default 0.001; above 0 and finite", "default 64; 1 to ", "default 0.7; ",
                                 "default auto", "default full", "default: as many as --epochs are"})
    CHECK(contains(help, told));
  CHECK(!contains(help, "{false}"));
  CHECK(!contains(help, "TEXT"));
}

TEST_CASE("program: the examples of the help run as printed, and with options before the run") {
  const TemporaryFolder folder;
  train_digits(folder / "runs/digits");
  for (const Words& help :
       {Words{"--help"}, Words{"train", "--help"}, Words{"sample", "--help"}, Words{"reconstruct", "--help"},
        Words{"interpolate", "--help"}, Words{"manipulate", "--help"}, Words{"evaluate", "--help"},
        Words{"check", "--help"}, Words{"summary", "--help"}, Words{"export", "--help"}}) {
    std::istringstream lines(run_glow(help).out);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream in(line);
      std::string program, word;
      if (line.rfind("  glow ", 0) != 0 || !(in >> program)) continue;
      Words words;
      while (in >> word) words.push_back(word);
      if (contains(line, "photos")) continue;  // minutes of training
      INFO(line);
      if (contains(line, "--out")) words.back() += std::to_string(help.size());  // one that is not there
      CHECK(run_glow(words, folder.path()).status == 0);
      if (words.size() < 3 || words[1].rfind("runs/", 0) != 0) continue;
      std::rotate(words.begin() + 1, words.begin() + 2, words.end());  // the run comes last
      CHECK(run_glow(words, folder.path()).status == 0);
    }
  }
}

TEST_CASE("program: --version is that of the project") {
  const Outcome o = run_glow({"--version"});
  CHECK(o.status == 0);
  CHECK(o.out == "glow 0.1.0\n");
}

TEST_CASE("program: numbers are decimal and in range") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  REQUIRE(run_glow(Words{"train", "--out", run.string(), "--steps", "010", "--seed", "18446744073709551615"} +
                   small_model)
              .status == 0);
  CHECK(json_lines(text_of(run / "metrics.jsonl")).size() == 10);
  CHECK(nlohmann::json::parse(text_of(run / "config.json")).at("seed") == UINT64_MAX);
}

TEST_CASE("program: wrong usage is refused in one line with what would be right, and exit status 2") {
  const std::pair<Words, std::string> wrong[] = {
      {{}, "a command is needed, such as train"},
      {{""}, "a command is needed"},
      {{"paint"}, "there is no command 'paint'; see glow --help"},
      {{"trian", "--data", "digits"}, "there is no command 'trian'; did you mean 'train'?"},
      {{"sampel", "run"}, "did you mean 'sample'?"},
      {{"eval", "run"}, "did you mean 'evaluate'?"},
      {{"--data", "digits", "train"}, "there is no option '--data' before a command"},
      {{"train", "digits"}, "'digits' is not expected; see glow train --help"},
      {{"sample", "run", "other"}, "'other' is not expected"},
      {{"train", "--stepz", "5"}, "glow train has no option '--stepz'; did you mean '--steps'?"},
      {{"train", "--stepz=5"}, "'--stepz'; did you mean '--steps'?"},
      {{"sample", "run", "--temp", "1"}, "did you mean '--temperature'?"},
      {{"sample", "run", "--frobnicate"}, "glow sample has no option '--frobnicate'; see"},
      {{"train", "--steps"}, "--steps: a value is needed"},
      {{"train", "--steps="}, "--steps: a value is needed"},
      {{"train", "--out", ""}, "--out: is given without a value"},
      {{"train", "--resume", "", "--out", "x"}, "--resume: is given without a value"},
      {{"train", "--steps", "5", "--steps", "6"}, "--steps: is given more than once"},
      {{"train", "--flip=false"}, "--flip takes no value"},
      {{"train", "--steps", "many"}, "--steps: 'many' must be a whole number, at least 1"},
      {{"train", "--steps", "0"}, "--steps: 0 must be at least 1"},
      {{"train", "--steps", "1.5"}, "--steps: '1.5' must be a whole number"},
      {{"train", "--steps", "1e3"}, "--steps: '1e3' must be a whole number"},
      {{"train", "--steps", "0x10"}, "--steps: '0x10' must be a whole number"},
      {{"train", "--steps", "+5"}, "--steps: '+5' must be a whole number"},
      {{"train", "--steps", " 5"}, "--steps: ' 5' must be a whole number"},
      {{"train", "--steps", "99999999999999999999"},
       "--steps: '99999999999999999999' must be a whole number"},
      {{"train", "--bits", "4294967300"}, "--bits: '4294967300' must be a whole number, 1 to 8"},
      {{"train", "--lr", "0x1p-3"}, "--lr: '0x1p-3' must be a number, above 0 and finite"},
      {{"train", "--lr", "1e999"}, "--lr: '1e999' must be a number"},
      {{"train", "--seed", "x"}, "--seed: 'x' must be a whole number, at least 0"},
      {{"train", "--seed", "-1"}, "--seed: '-1' must be a whole number, at least 0"},
      {{"train", "--seed", "18446744073709551616"}, "--seed: '18446744073709551616' must be a whole number"},
      {{"sample", "run", "--seed", "-1"}, "--seed: '-1' must be a whole number"},
      {{"sample", "run", "--count", "1e2"}, "--count: '1e2' must be a whole number, 1 to "},
      {{"sample", "run", "--temperature", "1,,2"}, "--temperature: '' must be a number, at least 0"},
      {{"sample", "run", "--temperature", "inf"}, "--temperature: inf must be at least 0 and finite"},
      {{"train", "--preset", "digit"},
       "--preset: 'digit' is none of digits, fashion-mnist, reference-celeba64; did you mean 'digits'?"},
      {{"train", "--device", "gpu"}, "--device: 'gpu' is none of cpu, cuda, auto; see"},
      {{"train", "--coupling", "cubic"},
       "--coupling: 'cubic' is none of affine, additive, exp, spline, shifted"},
      {{"train", "--permutation", "random"}, "--permutation: 'random' is none of lu, shuffle, reverse"},
      {{"train", "--condition", "top"}, "--condition: 'top' is none of priors, all"},
      {{"train", "--classes=3"}, "--classes takes no value"},
      {{"train", "--precision", "half"}, "--precision: 'half' is none of full, bf16, tf32"},
      {{"train", "--activations", "laen"}, "did you mean 'lean'?"},
      {{"evaluate", "run", "--split", "trian"},
       "--split: 'trian' is none of train, val, validation, all; did you mean 'train'?"},
      {{"train", "--preset", "reference-celeba64", "--out", "x"}, "give them with --data PATH"},
      {{"summary", "--preset", "reference-celeba64"}, "give them with --data PATH"},
      {{"summary", "run", "--json"}, "--memory"},
      {{"sample"}, "run is required"},
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

TEST_CASE("summary: what does not go with a run is refused") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  train_digits(run);
  const std::pair<Words, std::string> wrong[] = {
      {{"--depth", "99"}, "--depth does not go with a run"},
      {{"--learn-top-prior"}, "--learn-top-prior does not go with a run"},
      {{"--preset", "digits"}, "--preset does not go with a run"},
      {{"--config", "file"}, "--config does not go with a run"},
      {{"--batch", "5"}, "--batch with a run goes with --memory"},
  };
  for (const auto& [words, named] : wrong) {
    const Outcome o = run_glow(Words{"summary", run} + words);
    INFO(o.err);
    CHECK(o.status == 2);
    CHECK(contains(o.err, named));
    CHECK(o.out.empty());
  }
}
