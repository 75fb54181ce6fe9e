#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// The command of a run without end.
Words endless(const std::filesystem::path& run, const Words& more = {"--save-every", "0"}) {
  return Words{glow_program, "train", "--data", "digits", "--out", run.string()} + small_model +
         Words{"--steps", "100000000", "--sample-every", "0", "--validate-every", "0"} + more;
}

// A run without end, interrupted once `file` is there.
Outcome interrupted(const std::filesystem::path& run, const std::string& file, const Words& more) {
  Child child(Words{glow_program, "train", "--data", "digits", "--out", run.string()} + small_model +
              Words{"--steps", "1000000"} + more);
  REQUIRE(Child::has_made(run / file));
  child.interrupt();
  return child.wait();
}

// Checks that a run was saved at the step of its last line, every step having one; returns that step.
int saved_step(const std::filesystem::path& run) {
  const auto lines = json_lines(text_of(run / "metrics.jsonl"));
  const int last = static_cast<int>(lines.size());
  REQUIRE(last > 0);
  for (int i = 0; i < last; ++i) CHECK(lines[static_cast<std::size_t>(i)].at("step") == i + 1);
  CHECK(std::filesystem::exists(run / checkpoint_of(last)));
  return last;
}

}  // namespace

TEST_CASE("interrupt: Ctrl-C saves, says where, and exits with 130, and the run goes on with the same bits") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const Outcome o = interrupted(run, "samples/step_00000040.png", {"--sample-every", "20"});
  INFO(o.out << o.err);
  REQUIRE(o.status == 130);
  const int step = saved_step(run);
  CHECK(step >= 40);
  CHECK(names_in(run / "checkpoints") ==
        std::vector<std::string>{"best.safetensors", std::filesystem::path(checkpoint_of(step)).filename()});
  CHECK(contains(o.err, "glow: stopping: "));
  CHECK(contains(o.out, "interrupted; saved " + (run / checkpoint_of(step)).string() +
                            "; go on with: glow train --resume " + run.string() + "\n"));

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
      CHECK(contains(o.out, checkpoint_of(saved_step(run))));
    }
  }
}

TEST_CASE("interrupt: Ctrl-C before the first step still saves") {
  const TemporaryFolder folder;
  const Outcome o = interrupted(folder / "run", "config.json", {});
  INFO(o.out << o.err);
  CHECK(o.status == 130);
  saved_step(folder / "run");
}

TEST_CASE("interrupt: the run is saved before it is judged, and a second Ctrl-C skips only that") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  Child child(Words{glow_program, "train", "--out", run.string(), "--size", "16x16", "--width", "256",
                    "--train-split", "700", "--batch", "2", "--steps", "1000000", "--save-every", "0"});
  REQUIRE(Child::has_made(run / "samples/step_00000000.png"));
  child.interrupt();
  child.interrupt();
  REQUIRE(Child::has_made(run / "checkpoints" / "step_00000001.safetensors"));
  child.interrupt();
  const Outcome o = child.wait();
  INFO(o.out << o.err);
  CHECK(o.status == 130);
  CHECK(saved_step(run) == 1);
  CHECK(!json_lines(text_of(run / "metrics.jsonl"))[0].contains("validation_bits_per_dim"));
  CHECK(!std::filesystem::exists(run / "samples/step_00000001.png"));
}

TEST_CASE("interrupt: what a run could not do after it had saved is done when it goes on") {
  const TemporaryFolder folder;
  const auto whole = folder / "whole", broken = folder / "broken";
  const Words every{"--steps", "8", "--save-every", "4", "--validate-every", "4", "--sample-every", "4"};
  train_digits(whole, every);
  train_digits(broken, every);
  // As if it had been killed right after the checkpoint of step 4.
  for (const std::string& file :
       Words{checkpoint_of(8), "samples/step_00000004.png", "samples/step_00000008.png"})
    std::filesystem::remove(broken / file);
  std::string kept;
  auto lines = json_lines(text_of(broken / "metrics.jsonl"));
  lines[3].erase("validation_bits_per_dim");
  for (const auto& line : lines) kept += line.dump() + "\n";
  write_file_atomically(broken / "metrics.jsonl", kept);
  REQUIRE(run_glow({"train", "--resume", broken.string()}).status == 0);
  CHECK(names_in(broken / "samples") == names_in(whole / "samples"));
  CHECK(text_of(broken / "evolution.gif") == text_of(whole / "evolution.gif"));
  CHECK(text_of(broken / checkpoint_of(8)) == text_of(whole / checkpoint_of(8)));
  const auto a = json_lines(text_of(broken / "metrics.jsonl")),
             b = json_lines(text_of(whole / "metrics.jsonl"));
  REQUIRE(a.size() == 8);
  for (std::size_t i = 0; i < 8; ++i)
    CHECK(a[i].value("validation_bits_per_dim", 0.0) == b[i].value("validation_bits_per_dim", 0.0));
}

TEST_CASE("interrupt: whatever signal ends a run, it is saved, and the exit status is 128 and its number") {
  const TemporaryFolder folder;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU}) {
    INFO("signal " << number);
    const auto run = folder / std::to_string(number);
    Child child(endless(run));
    REQUIRE(Child::has_made(run / "samples/step_00000000.png"));
    child.signal(number);
    CHECK(child.wait().status == 128 + number);
    saved_step(run);
  }
}

TEST_CASE("interrupt: a signal that the run was started to ignore stays ignored") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  Child child(in_shell(endless(run, {"--save-every", "50"}), "", "trap '' INT HUP; "));
  REQUIRE(Child::has_made(run / checkpoint_of(50)));
  child.signal(SIGINT);
  child.signal(SIGHUP);
  std::filesystem::remove(run / checkpoint_of(50));
  const int later = static_cast<int>(json_lines(text_of(run / "metrics.jsonl")).size()) / 50 * 50 + 100;
  CHECK(Child::has_made(run / checkpoint_of(later)));
  child.signal(SIGTERM);
  CHECK(child.wait().status == 128 + SIGTERM);
}

TEST_CASE("interrupt: a quiet run says nothing of it") {
  const TemporaryFolder folder;
  Child child(endless(folder / "run", {"--quiet"}));
  REQUIRE(Child::has_made(folder / "run/samples/step_00000000.png"));
  child.interrupt();
  const Outcome o = child.wait();
  CHECK(o.status == 130);
  CHECK(o.out.empty());
  CHECK(o.err.empty());
}
