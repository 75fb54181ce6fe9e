#include "full_disk.hpp"

#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// Nothing half written stays in a run.
void check_no_temporary_files(const std::filesystem::path& run) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run)) {
    INFO(entry.path().string());
    CHECK(!contains(entry.path().filename().string(), ".tmp"));
  }
}

}  // namespace

TEST_CASE(
    "full disk: the checkpoint that does not fit is named, the last one stays, and the run goes on later") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run);
  const std::string before = text_of(run / checkpoint_of(6));
  const Words go_on{"train", "--resume", run.string(), "--steps", "12", "--save-every", "3"};
  {
    const FullDisk disk(before.size() - 1);
    const Outcome o = run_glow(go_on);
    INFO(o.err);
    CHECK(o.status == 1);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, "cannot write '" + (run / checkpoint_of(9)).string() + "': File too large"));
  }
  CHECK(names_in(run / "checkpoints") == Words{"best.safetensors", "step_00000006.safetensors"});
  CHECK(text_of(run / checkpoint_of(6)) == before);
  check_no_temporary_files(run);
  REQUIRE(run_glow(go_on).status == 0);
  train_digits(folder / "whole", {"--steps", "12", "--save-every", "3"});
  CHECK(text_of(run / checkpoint_of(12)) == text_of(folder / "whole" / checkpoint_of(12)));
}

TEST_CASE("full disk: metrics that do not fit stop the run at once, and are whole again when it goes on") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  {
    const FullDisk disk(32'000);
    const Outcome o =
        run_glow({"train", "--out", run.string(), "--steps", "500", "--size", "2x2", "--depth", "1",
                  "--levels", "1", "--width", "4", "--save-every", "10", "--sample-every", "0"});
    INFO(o.err);
    CHECK(o.status == 1);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, "cannot write '" + (run / "metrics.jsonl").string() + "'"));
  }
  check_no_temporary_files(run);
  const std::string text = text_of(run / "metrics.jsonl");
  const auto lines = std::count(text.begin(), text.end(), '\n');
  const int last = std::stoi(names_in(run / "checkpoints").back().substr(5));
  CHECK(last == lines + 1);  // saved, with the line that did not fit
  REQUIRE(run_glow({"train", "--resume", run.string(), "--steps", "300"}).status == 0);
  const auto metrics = json_lines(text_of(run / "metrics.jsonl"));
  REQUIRE(metrics.size() == 300);
  for (std::size_t i = 0; i < 300; ++i) CHECK(metrics[i].at("step") == i + 1);
}

TEST_CASE("full disk: a run that cannot begin says so") {
  const TemporaryFolder folder;
  const FullDisk disk(100);
  const Outcome o = run_glow({"train", "--out", (folder / "run").string()});
  INFO(o.err);
  CHECK(o.status == 1);
  CHECK(contains(o.err, "cannot write '" + (folder / "run/config.json").string() + "'"));
  CHECK(!std::filesystem::exists(folder / "run"));
}
