// Losses that are not finite.
#include "program/glow.hpp"
#include "run/checkpoint.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// Gives the newest checkpoint of a run another learning rate, as if it had been so all along.
void change_rate(const std::filesystem::path& run, double rate) {
  app::Checkpoint c = app::open_checkpoint(run);
  c.config.lr = rate;
  app::save_checkpoint(c.path, c.state, c.position, c.config, c.image);
}

}  // namespace

TEST_CASE(
    "bad steps: they are named, left out, and after a few in a row the run stops with its checkpoints") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run);
  change_rate(run, 1e30);
  const std::string good = text_of(run / checkpoint_of(6));
  const Outcome o = run_glow({"train", "--resume", run.string(), "--steps", "100"});
  INFO(o.out << o.err);
  CHECK(o.status == 1);
  CHECK(one_line(o.err));
  // Step 7 makes the parameters absurd, and 8 to 12 see it.
  CHECK(contains(o.err, "at step 12: not finite for 5 steps in a row"));
  CHECK(contains(o.out, "step 8/100  bits/dim "));
  CHECK(contains(o.out, "not finite: step skipped"));
  CHECK(names_in(run / "checkpoints") == Words{"step_00000006.safetensors"});
  CHECK(text_of(run / checkpoint_of(6)) == good);
  const auto metrics = json_lines(text_of(run / "metrics.jsonl"));
  REQUIRE(metrics.size() == 11);
  CHECK(!metrics[6].contains("skipped"));
  CHECK(metrics[7].at("skipped") == true);
  CHECK(metrics[7].at("bits_per_dim").is_null());
}
