// A run that goes on is the run that was never broken.
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

const std::string last_file = "checkpoints/step_00000100.safetensors";
const Words every{"--validate-every", "20", "--sample-every", "20", "--seed", "5"};

void go_on(const std::filesystem::path& run, const Words& more) {
  const Outcome o = run_glow(Words{"train", "--resume", run.string()} + more);
  INFO(o.err);
  REQUIRE(o.status == 0);
}

// Metrics less what depends on the clock.
std::vector<json> timeless_metrics(const std::filesystem::path& run) {
  auto lines = json_lines(text_of(run / "metrics.jsonl"));
  for (json& line : lines) {
    line.erase("seconds");
    line.erase("images_per_second");
    line.erase("waited");
  }
  return lines;
}

void check_same_tensors(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto x = SafetensorsFile::open(a), y = SafetensorsFile::open(b);
  REQUIRE(x.tensors().size() == y.tensors().size());
  for (const TensorInfo& t : x.tensors()) {
    INFO(t.name);
    CHECK(same_bits<float>(x.read<float>(t.name), y.read<float>(t.name)));
  }
}

}  // namespace

TEST_CASE("resume: 60 steps and 40 more give the very files of 100 steps") {
  const TemporaryFolder folder;
  const auto whole = folder / "whole", parts = folder / "parts";
  const Words options = GENERATE(Words{}, Words{"--flip"});
  train_digits(whole, every + options + Words{"--steps", "100"});
  train_digits(parts, every + options + Words{"--steps", "60"});
  go_on(parts, {"--steps", "100"});
  CHECK((text_of(whole / last_file) == text_of(parts / last_file)));
  CHECK((timeless_metrics(whole) == timeless_metrics(parts)));
  CHECK(text_of(whole / "config.json") == text_of(parts / "config.json"));
  CHECK((text_of(whole / "evolution.gif") == text_of(parts / "evolution.gif")));
  CHECK(names_in(whole / "samples") == names_in(parts / "samples"));
}

TEST_CASE("resume: mirroring images makes another run") {
  const TemporaryFolder folder;
  train_digits(folder / "plain");
  train_digits(folder / "flipped", {"--steps", "6", "--flip"});
  CHECK((timeless_metrics(folder / "plain") != timeless_metrics(folder / "flipped")));
}

TEST_CASE("resume: another number of threads gives the same bits") {
  const TemporaryFolder folder;
  const auto whole = folder / "whole", parts = folder / "parts";
  train_digits(whole, every + Words{"--steps", "100", "--threads", "1"});
  train_digits(parts, every + Words{"--steps", "60", "--threads", "2"});
  go_on(parts, {"--steps", "100", "--threads", "3"});
  check_same_tensors(whole / last_file, parts / last_file);
  CHECK((timeless_metrics(whole) == timeless_metrics(parts)));
}

TEST_CASE("resume: a run that was killed goes on from its last checkpoint") {
  const TemporaryFolder folder;
  const auto whole = folder / "whole", killed = folder / "killed";
  train_digits(whole, every + Words{"--steps", "100"});
  {
    const Child child(Words{glow_program, "train", "--data", "digits", "--out", killed.string()} +
                      small_model + every + Words{"--steps", "1000000", "--save-every", "30"});
    REQUIRE(Child::has_made(killed / "checkpoints/step_00000060.safetensors"));
  }  // killed
  for (const auto& name : names_in(killed / "checkpoints")) {
    if (name > "step_00000060.safetensors") std::filesystem::remove(killed / "checkpoints" / name);
  }
  go_on(killed, {"--steps", "100"});
  check_same_tensors(whole / last_file, killed / last_file);
  CHECK((timeless_metrics(whole) == timeless_metrics(killed)));
}

TEST_CASE("resume: pictures of others among the samples do no harm") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run);
  std::filesystem::copy(run / "samples/step_00000006.png", run / "samples/mine.png");
  const std::string film = text_of(run / "evolution.gif");
  write_file_atomically(run / "samples/step_00000003.png", std::string("no picture"));
  write_file_atomically(run / "samples/a.png", std::string("no picture"));
  go_on(run, {"--steps", "7"});
  CHECK(text_of(run / "evolution.gif").size() > film.size());
}

TEST_CASE("resume: epochs count from the start of the run") {
  const TemporaryFolder folder;
  train_digits(folder / "run", {"--steps", "10"});
  go_on(folder / "run", {"--epochs", "0.2"});  // 20 steps of 16 images
  CHECK(names_in(folder / "run/checkpoints").back() == "step_00000020.safetensors");
}

TEST_CASE("resume: what would make it another run is refused") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run);
  const std::pair<Words, std::string> wrong[] = {
      {{"--optimizer", "adamax"}, "--resume: 'optimizer' cannot change"},
      {{"--data", "digits"}, "6 steps are done"},  // which are those of the run
      {{"--width", "9"}, "--resume: 'width' cannot change"},
      {{"--flip"}, "--resume: 'flip' cannot change"},
      {{"--preset", "digits"}, "--preset and --config do not go with it"},
      {{"--out", (folder / "other").string()}, "--out '" + (folder / "other").string() + "'"},
      {{"--steps", "5"}, "6 steps are done"},
      {{}, "6 steps are done"},
  };
  const std::string before = text_of(run / "config.json");
  for (const auto& [words, named] : wrong) {
    const Outcome o = run_glow(Words{"train", "--resume", run.string()} + words);
    INFO(o.err);
    CHECK(o.status == (contains(named, "steps are done") ? 1 : 2));
    CHECK(one_line(o.err));
    CHECK(contains(o.err, named));
  }
  CHECK(text_of(run / "config.json") == before);
}

TEST_CASE("resume: a checkpoint in place of its run, and other data, are refused") {
  const TemporaryFolder folder;
  const std::string grey("\0\0\x08\x03\0\0\0\x04\0\0\0\x02\0\0\0\x02", 16), pixels(64, 'x');
  const std::string colour("\0\0\x08\x04\0\0\0\x04\0\0\0\x02\0\0\0\x02\0\0\0\x03", 20);
  write_file_atomically(folder / "data", grey + pixels.substr(0, 16));
  const auto run = folder / "run";
  REQUIRE(
      run_glow(Words{"train", "--data", (folder / "data").string(), "--out", run.string(), "--steps", "1"} +
               small_model)
          .status == 0);
  const Outcome file = run_glow(
      {"train", "--resume", (run / "checkpoints/step_00000001.safetensors").string(), "--steps", "2"});
  INFO(file.err);
  CHECK(file.status == 1);
  CHECK(one_line(file.err));
  CHECK(contains(file.err, "step_00000001.safetensors' is no folder"));
  write_file_atomically(folder / "data", colour + pixels.substr(0, 48));
  const Outcome other = run_glow({"train", "--resume", run.string(), "--steps", "2"});
  INFO(other.err);
  CHECK(other.status == 1);
  CHECK(one_line(other.err));
  CHECK(contains(other.err, "images 2x2x3 do not fit the model's 2x2x1"));
}
