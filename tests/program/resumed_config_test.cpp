// config.json edited between two parts of a run.
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

// Writes the run's config.json with `changes`.
void edit(const std::filesystem::path& run, const json& changes) {
  json config = json::parse(text_of(run / "config.json"));
  config.update(changes);
  write_file_atomically(run / "config.json", config.dump(2) + "\n");
}

}  // namespace

TEST_CASE("config.json: what may change when a run goes on is read, and goes below the command line") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run);
  edit(run, {{"steps", 8}, {"sample_every", 1}});
  REQUIRE(run_glow({"train", "--resume", run.string()}).status == 0);
  CHECK(names_in(run / "samples") ==
        Words{"step_00000000.png", "step_00000006.png", "step_00000007.png", "step_00000008.png"});
  edit(run, {{"steps", 50}, {"save_every", 1}});
  REQUIRE(run_glow({"train", "--resume", run.string(), "--steps", "10"}).status == 0);
  CHECK(names_in(run / "checkpoints").size() == 5);  // of steps 6, 8, 9 and 10, and the best
  edit(run, {{"epochs", 0.11}});                     // 11 steps of 16 images
  REQUIRE(run_glow({"train", "--resume", run.string()}).status == 0);
  CHECK(names_in(run / "checkpoints").back() == "step_00000011.safetensors");
  std::filesystem::remove(run / "config.json");
  CHECK(run_glow({"train", "--resume", run.string(), "--steps", "12"}).status == 0);
}

TEST_CASE("config.json: what would make it another run is refused by name, and the file stays") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run);
  const std::string good = text_of(run / "config.json");
  const std::pair<json, std::string> wrong[] = {
      {{{"ema", 0.5}}, "ema is 0.5, but the run was trained with 0.0; it cannot change when a run goes on"},
      {{{"width", 9}}, "width is 9, but the run was trained with 8"},
      {{{"flip", true}}, "flip is true, but the run was trained with false"},
      {{{"stepz", 9}}, "there is no setting 'stepz'"},
      {{{"steps", "9"}}, "steps"},
  };
  for (const auto& [changes, named] : wrong) {
    edit(run, changes);
    const std::string edited = text_of(run / "config.json");
    const Outcome o = run_glow({"train", "--resume", run.string(), "--steps", "7"});
    INFO(o.err);
    CHECK(o.status == 1);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, "'" + (run / "config.json").string() + "', line "));
    CHECK(contains(o.err, named));
    CHECK(text_of(run / "config.json") == edited);
    write_file_atomically(run / "config.json", good);
  }
}
