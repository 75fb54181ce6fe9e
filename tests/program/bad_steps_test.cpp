// Losses that are not finite.
#include "image/picture.hpp"
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
  std::filesystem::remove(run / "config.json");
}

// Three steps at a learning rate.
Outcome train_at(const std::filesystem::path& run, const std::string& rate, const Words& more = {}) {
  return run_glow(Words{"train", "--out", run.string(), "--depth", "1", "--levels", "1", "--lr", rate,
                        "--warmup-steps", "0", "--steps", "3"} +
                  more);
}

}  // namespace

TEST_CASE(
    "bad steps: they are named, left out, and after a few in a row the run stops and saves the last good "
    "state") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run);
  change_rate(run, 1e30);
  const std::string good = text_of(run / checkpoint_of(6));
  const Outcome o = run_glow({"train", "--resume", run.string(), "--steps", "100"});
  INFO(o.out << o.err);
  CHECK(o.status == 1);
  // Step 7 makes the parameters absurd, and 8 to 12 see it, with half the rate, too.
  CHECK(contains(o.err, "glow: warning: step 8 is not finite, first in level1/step1/"));
  CHECK(contains(o.err, ", for image "));
  CHECK(contains(o.err, " and 13 more"));
  CHECK(contains(o.err, "going back to step 6, with half the rate: 5e+29"));
  CHECK(contains(o.err, "going back to step 6, with half the rate: 6.25e+28"));
  CHECK(contains(o.err, "not finite for 5 steps in a row, up to step 12"));
  CHECK(contains(o.out, "step 8/100  bits/dim "));
  CHECK(contains(o.out, "not finite: step skipped"));
  CHECK(contains(o.err, "the last checkpoint is " + (run / checkpoint_of(12)).string()));
  CHECK(names_in(run / "checkpoints") ==
        Words{"best.safetensors", "step_00000006.safetensors", "step_00000012.safetensors"});
  CHECK(text_of(run / checkpoint_of(6)) == good);
  const auto metrics = json_lines(text_of(run / "metrics.jsonl"));
  REQUIRE(metrics.size() == 12);
  CHECK(!metrics[6].contains("skipped"));
  for (std::size_t i = 7; i < 12; ++i) {
    CHECK(metrics[i].at("skipped") == true);
    CHECK(metrics[i].at("bits_per_dim").is_null());
  }
}

TEST_CASE(
    "bad steps: a learning rate far too high ends with a state that is finite, and a status that tells") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const Outcome o =
      run_glow({"train", "--out", run.string(), "--depth", "4", "--levels", "2", "--width", "32", "--batch",
                "16", "--lr", "3", "--warmup-steps", "200", "--steps", "3000", "--save-every", "0"});
  INFO(o.err);
  CHECK(o.status == 1);
  const auto checkpoints = names_in(run / "checkpoints");
  REQUIRE(checkpoints.size() == 1);
  const app::Checkpoint c = app::open_checkpoint(run);
  CHECK(c.state.steps == static_cast<Index>(json_lines(text_of(run / "metrics.jsonl")).size()));
  for (const auto& e : c.state.tensors) {
    for (const float v : e.value) REQUIRE(std::isfinite(v));
  }
}

TEST_CASE("bad numbers: no command paints or prints what is not finite") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const Outcome o = train_at(run, "100");
  INFO(o.err);
  CHECK(o.status == 1);
  CHECK(contains(o.err, "glow: warning: step 3: "));
  CHECK(contains(o.err, "not"));
  CHECK(!std::filesystem::exists(run / "samples/step_00000003.png"));
  CHECK(contains(train_at(folder / "quiet", "100", {"--quiet"}).err, "glow: warning: step 3: "));
  const Outcome sample = run_glow({"sample", run.string()});
  CHECK(sample.status == 1);
  CHECK(one_line(sample.err));
  CHECK(contains(sample.err, "the model's samples are not all finite"));
  CHECK(!std::filesystem::exists(run / "sample_t1.png"));
}

TEST_CASE("failures: what stops a run in the middle saves it first, and says where") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "photos");
  for (int i = 0; i < 12; ++i) {
    const app::Picture p{8, 8, 3, std::vector<std::uint8_t>(192, static_cast<std::uint8_t>(i * 20))};
    app::write_png(folder / "photos" / (std::to_string(i) + ".png"), p);
  }
  write_file_atomically(folder / "photos/bad.png", std::string("no picture"));
  int saved = 0;
  for (int seed = 0; seed < 8; ++seed) {  // which say when the bad picture is met
    const auto run = folder / std::to_string(seed);
    const Outcome o = run_glow({"train",
                                "--data",
                                (folder / "photos").string(),
                                "--size",
                                "8x8",
                                "--depth",
                                "1",
                                "--levels",
                                "1",
                                "--width",
                                "4",
                                "--batch",
                                "1",
                                "--train-split",
                                "12",
                                "--steps",
                                "30",
                                "--strict",
                                "--seed",
                                std::to_string(seed),
                                "--out",
                                run.string()});
    INFO(o.err);
    CHECK(o.status == 1);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, "bad.png' cannot be decoded"));
    if (!std::filesystem::exists(run)) continue;  // met before the first step
    const int step = static_cast<int>(json_lines(text_of(run / "metrics.jsonl")).size());
    if (step == 30) continue;  // met in the validation
    ++saved;
    CHECK(std::filesystem::exists(run / checkpoint_of(step)));
    CHECK(contains(o.err, "; the last checkpoint is " + (run / checkpoint_of(step)).string()));
  }
  CHECK(saved > 0);
}
