#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// A run without end, interrupted once `file` is there.
Outcome interrupted(const std::filesystem::path& run, const std::string& file, const Words& more) {
  Child child(Words{glow_program, "train", "--data", "digits", "--out", run.string()} + small_model +
              Words{"--steps", "1000000"} + more);
  REQUIRE(Child::has_made(run / file));
  child.interrupt();
  return child.wait();
}

}  // namespace

TEST_CASE("interrupt: Ctrl-C saves, says where, and exits with 130; the run goes on with the same bits") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const Outcome o = interrupted(run, "samples/step_00000040.png", {"--sample-every", "20"});
  INFO(o.out << o.err);
  REQUIRE(o.status == 130);
  const auto checkpoints = names_in(run / "checkpoints");
  REQUIRE(checkpoints.size() == 1);
  const std::string file = (run / "checkpoints" / checkpoints[0]).string();
  CHECK(contains(o.out,
                 "interrupted; saved " + file + "; go on with: glow train --resume " + run.string() + "\n"));
  const int step = std::stoi(checkpoints[0].substr(5));
  CHECK(step >= 40);
  CHECK(json_lines(text_of(run / "metrics.jsonl")).size() == static_cast<std::size_t>(step));

  const std::string steps = std::to_string(step + 5);
  REQUIRE(run_glow({"train", "--resume", run.string(), "--steps", steps}).status == 0);
  train_digits(folder / "whole", {"--steps", steps, "--sample-every", "20"});
  const std::string last = checkpoint_of(step + 5);
  CHECK(text_of(run / last) == text_of(folder / "whole" / last));
}

TEST_CASE("interrupt: Ctrl-C while a picture is drawn, a model validated or saved loses nothing") {
  const TemporaryFolder folder;
  for (const std::string often : {"--sample-every", "--validate-every", "--save-every"}) {
    for (int i = 0; i < 5; ++i) {
      const auto run = folder / (often + std::to_string(i));
      const Outcome o = interrupted(run, "samples/step_00000000.png", {often, "1"});
      INFO(often << " 1\n" << o.out << o.err);
      CHECK(o.status == 130);
      REQUIRE(json_lines(text_of(run / "metrics.jsonl")).size() > 0);
      const int step = json_lines(text_of(run / "metrics.jsonl")).back().at("step");
      CHECK(std::filesystem::exists(run / checkpoint_of(step)));
      CHECK(contains(o.out, checkpoint_of(step)));
    }
  }
}

TEST_CASE("interrupt: Ctrl-C before the first step still saves") {
  const TemporaryFolder folder;
  const Outcome o = interrupted(folder / "run", "config.json", {});
  INFO(o.out << o.err);
  CHECK(o.status == 130);
  CHECK(!names_in(folder / "run/checkpoints").empty());
}

TEST_CASE("interrupt: whatever signal ends a run, it is saved, and the exit status is 128 and the signal's number") {
  const TemporaryFolder folder;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU}) {
    INFO("signal " << number);
    const auto run = folder / std::to_string(number);
    const Child child(endless(run));
    REQUIRE(Child::has_made(run / "samples/step_00000000.png"));
    child.signal(number);
    const Outcome o = Child(std::move(child)).wait();
    CHECK(o.status == 128 + number);
    CHECK(contains(o.err, "stopping"));
    const auto lines = json_lines(text_of(run / "metrics.jsonl"));
    CHECK(names_in(run / "checkpoints") ==
          Words{std::filesystem::path(checkpoint_of(static_cast<int>(lines.size()))).filename().string()});
    CHECK(lines.back().at("step") == lines.size());
  }
}
