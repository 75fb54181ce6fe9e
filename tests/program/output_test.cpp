// Standard output that cannot be written.
#include <sys/stat.h>

#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

Outcome run_in_shell(const Words& words, const std::string& redirected) {
  return Child(in_shell(Words{glow_program} + words, redirected)).wait();
}

}  // namespace

TEST_CASE("output: what cannot be printed is an error of every command") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  train_digits(run);
  const Words commands[] = {{"--help"},       {"--version"},        {"train", "--help"},
                            {"summary", run}, {"evaluate", run},    {"reconstruct", run},
                            {"sample", run},  {"interpolate", run}, {"summary", run, "--memory", "--json"},
                            {"check", run}};
  for (const Words& words : commands) {
    for (const std::string to : {">/dev/full", ">&-"}) {
      const Outcome o = run_in_shell(words, to);
      INFO(words[0] << " " << to << "\n" << o.err);
      CHECK(o.status == 1);
      CHECK(one_line(o.err));
      CHECK(contains(o.err, "cannot write to standard output"));
      CHECK(contains(o.err, to == ">&-" ? "Bad file descriptor" : "No space left on device"));
    }
  }
}

TEST_CASE("output: training goes on without it, and the exit status tells") {
  const TemporaryFolder folder;
  for (const std::string voice : {"", "--json"}) {
    for (const std::string to : {">/dev/full", ">&-"}) {
      const auto run = folder / ("run" + voice + std::to_string(to.size()));
      Words words{"train", "--out", run.string(), "--steps", "6"};
      if (!voice.empty()) words.push_back(voice);
      const Outcome o = run_in_shell(words + small_model, to);
      INFO(o.err);
      CHECK(o.status == 1);
      CHECK(contains(o.err, "training goes on without it"));
      CHECK(contains(o.err, "glow: cannot write to standard output"));
      CHECK(std::filesystem::exists(run / checkpoint_of(6)));
      CHECK(json_lines(text_of(run / "metrics.jsonl")).size() == 6);
    }
  }
  CHECK(run_in_shell(
            Words{"train", "--out", (folder / "quiet").string(), "--steps", "2", "--quiet"} + small_model,
            ">/dev/full")
            .status == 0);
}

TEST_CASE("output: a reader that goes away does not end training") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const std::string script = "{ \"$0\" \"$@\"; echo $? >" + (folder / "status").string() + "; } | head -n 1";
  const Outcome o = Child(Words{"/bin/sh", "-c", script, glow_program, "train", "--out", run.string(),
                                "--steps", "300", "--json"} +
                          small_model)
                        .wait();
  INFO(o.err);
  CHECK(text_of(folder / "status") == "0\n");
  CHECK(json_lines(o.out).size() == 1);
  CHECK(contains(o.err, "Broken pipe; training goes on without it"));
  CHECK(std::filesystem::exists(run / checkpoint_of(300)));
}

TEST_CASE("output: a reader that does not read does not keep a run from being stopped") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const std::string pipe = (folder / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDWR);
  REQUIRE(reader >= 0);
  Child child(in_shell(
      Words{glow_program, "train", "--out", run.string(), "--steps", "1000000", "--json"} + small_model,
      ">" + pipe));
  const auto size = [&] {
    return std::filesystem::exists(run / "metrics.jsonl") ? std::filesystem::file_size(run / "metrics.jsonl")
                                                          : 0;
  };
  for (int i = 0; i < 3000 && size() < 65'000; ++i) ::usleep(10'000);  // as much as a pipe holds
  ::usleep(200'000);
  child.signal(SIGTERM);
  CHECK(child.wait().status == 128 + SIGTERM);
  ::close(reader);
  CHECK(std::filesystem::exists(
      run / checkpoint_of(static_cast<int>(json_lines(text_of(run / "metrics.jsonl")).size()))));
}
