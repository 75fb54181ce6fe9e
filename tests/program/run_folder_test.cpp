// Who may train in a run folder, and what stays in it.
#include "full_disk.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

Words endless_run(const std::filesystem::path& run) {
  return Words{glow_program, "train", "--out", run.string()} + small_model + Words{"--steps", "100000000"};
}

}  // namespace

TEST_CASE("run folder: a second process in it is refused by the first one's number, until that is gone") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  {
    const Child child(endless_run(run) + Words{"--save-every", "10"});
    REQUIRE(Child::has_made(run / checkpoint_of(10)));
    for (const Words& words : {Words{"train", "--resume", run.string()},
                               Words{"train", "--resume", run.string(), "--steps", "9"}}) {
      const Outcome o = run_glow(words);
      INFO(o.err);
      CHECK(o.status == 1);
      CHECK(one_line(o.err));
      CHECK(contains(o.err,
                     "'" + run.string() + "' is being trained by process " + std::to_string(child.pid())));
    }
  }  // killed
  const int step = std::stoi(names_in(run / "checkpoints").back().substr(5));
  CHECK(run_glow({"train", "--resume", run.string(), "--steps", std::to_string(step + 1)}).status == 0);
  CHECK(!std::filesystem::exists(run / ".lock"));
  CHECK(json_lines(text_of(run / "metrics.jsonl")).size() == static_cast<std::size_t>(step) + 1);
}

TEST_CASE("run folder: a run that is under way cannot be started over") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const Child child(endless_run(run) + Words{"--save-every", "0"});
  REQUIRE(Child::has_made(run / "samples/step_00000000.png"));
  const Outcome o = run_glow({"train", "--out", run.string()});
  INFO(o.err);
  CHECK(o.status == 1);
  CHECK(contains(o.err, "is being trained by process " + std::to_string(child.pid())));
}

TEST_CASE("run folder: a run that was killed before it saved is started over") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  {
    const Child child(endless_run(run) + Words{"--save-every", "0", "--sample-every", "1"});
    REQUIRE(Child::has_made(run / "samples/step_00000007.png"));
  }  // killed
  CHECK(contains(run_glow({"train", "--resume", run.string()}).err, "in this folder; is it a run"));
  train_digits(run);
  CHECK(json_lines(text_of(run / "metrics.jsonl")).size() == 6);
  CHECK(names_in(run) ==
        Words{"checkpoints", "config.json", "data.json", "evolution.gif", "metrics.jsonl", "samples"});
  CHECK(names_in(run / "samples") == Words{"step_00000000.png", "step_00000006.png"});
  const Outcome saved = run_glow({"train", "--out", run.string()});
  CHECK(saved.status == 1);
  CHECK(contains(saved.err, "is there already; choose another --out, or go on with --resume"));
}

TEST_CASE("run folder: one with something of others in it is left alone") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  std::filesystem::create_directories(run / "checkpoints");
  write_file_atomically(run / "notes", std::string("mine"));
  write_file_atomically(run / "config.json", std::string("{}"));
  const Outcome o = run_glow({"train", "--out", run.string()});
  INFO(o.err);
  CHECK(o.status == 1);
  CHECK(contains(o.err, "'" + run.string() + "' is there already and holds 'notes'"));
  CHECK(names_in(run) == Words{"checkpoints", "config.json", "notes"});
}

TEST_CASE("run folder: a run that fails before its first step leaves none") {
  const TemporaryFolder folder;
  const auto run = folder / "run", empty = folder / "empty";
  std::filesystem::create_directories(empty);
  for (const auto& out : {run, empty}) {
    const FullDisk disk(100);
    CHECK(run_glow({"train", "--out", out.string()}).status == 1);
  }
  CHECK(!std::filesystem::exists(run));
  CHECK(std::filesystem::is_empty(empty));
}

TEST_CASE("run folder: what killed processes have left half written is removed when the run goes on") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run);
  const std::string gone = ".tmp999999999", alive = ".tmp" + std::to_string(::getpid());
  const Words ours{"config.json",
                   "metrics.jsonl",
                   "evolution.gif",
                   "sample_t0.7.png",
                   "samples/step_00000003.png",
                   "checkpoints/step_00000004.safetensors"};
  for (const auto& name : ours) write_file_atomically(run / (name + gone), std::string("half"));
  const Words others{"notes" + gone, "checkpoints/step_00000004.safetensors" + alive,
                     "checkpoints/best.safetensors" + gone, "config.json.tmp12x", "config.json.tmp"};
  for (const auto& name : others) write_file_atomically(run / name, std::string("stays"));
  REQUIRE(run_glow({"train", "--resume", run.string(), "--steps", "7"}).status == 0);
  for (const auto& name : ours) CHECK(!std::filesystem::exists(run / (name + gone)));
  for (const auto& name : others) CHECK(std::filesystem::exists(run / name));
}

TEST_CASE("run folder: a file that another process holds, here or elsewhere, is not taken for a stray one") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run);
  const auto file = run / "config.json.tmp999999999";  // of a process on another machine
  write_file_atomically(file, std::string("half"));
  const int held = ::open(file.c_str(), O_RDONLY);
  REQUIRE(::flock(held, LOCK_EX) == 0);
  REQUIRE(run_glow({"train", "--resume", run.string(), "--steps", "7"}).status == 0);
  CHECK(std::filesystem::exists(file));
  ::close(held);
  REQUIRE(run_glow({"train", "--resume", run.string(), "--steps", "8"}).status == 0);
  CHECK(!std::filesystem::exists(file));
}

TEST_CASE("run folder: the newest checkpoint is that of the highest step, and nothing else is one") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run, {"--steps", "6", "--save-every", "3"});
  const auto in = [&](const std::string& name) { return run / "checkpoints" / name; };
  std::filesystem::rename(in("step_00000006.safetensors"), in("step_100000000.safetensors"));
  for (const std::string name :
       {"zzz.safetensors", "step_00000009_copy.safetensors", "step_-9.safetensors", "step_9e9.safetensors",
        "step_.safetensors", "step_999999999.safetensors.bak", "step_99999999999999999999.safetensors"})
    write_file_atomically(in(name), std::string("no checkpoint"));
  std::filesystem::create_directories(in("step_99999999999.safetensors"));
  const Outcome o = run_glow({"train", "--resume", run.string(), "--steps", "7"});
  INFO(o.err);
  CHECK(o.status == 0);
  CHECK(std::filesystem::exists(run / checkpoint_of(7)));
}
