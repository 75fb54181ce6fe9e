// The program's settings of training: what they change, and that a run goes on with them.
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

const Words seeded{"--sample-every", "0", "--seed", "5"},
    at_intervals = seeded + Words{"--validate-every", "10"};

Outcome go_on_with(const std::filesystem::path& run, const Words& more) {
  return run_glow(Words{"train", "--resume", run.string()} + more);
}

std::vector<json> lines_of_run(const std::filesystem::path& run) {
  return json_lines(text_of(run / "metrics.jsonl"));
}

std::string evaluated(const std::filesystem::path& run, const Words& more = {}) {
  const Outcome o = run_glow(Words{"evaluate", run.string()} + more);
  INFO(o.err);
  REQUIRE(o.status == 0);
  return o.out;
}

// What the program says of wrong settings.
std::string training_refused(const Words& words, int status = 2) {
  const Outcome o = run_glow(Words{"train", "--data", "digits", "--out", "/nonexistent/run"} + words);
  CHECK(o.status == status);
  CHECK(one_line(o.err));
  return o.err;
}

}  // namespace

TEST_CASE("optimizing by the program: 12 steps and 8 more give the very checkpoint of 20 steps") {
  const Words options =
      GENERATE(Words{"--optimizer", "adamw", "--weight-decay", "0.1", "--clip-norm", "1"},
               Words{"--optimizer", "adamax", "--clip-value", "0.01"},
               Words{"--ema", "0.9", "--schedule", "step", "--lr-every", "7", "--lr-factor", "0.5"},
               Words{"--accumulate", "3"});
  const TemporaryFolder folder;
  const auto whole = folder / "whole", parts = folder / "parts", plain = folder / "plain";
  train_digits(whole, at_intervals + options + Words{"--steps", "20"});
  train_digits(parts, at_intervals + options + Words{"--steps", "12"});
  REQUIRE(go_on_with(parts, {"--steps", "20"}).status == 0);
  CHECK((text_of(whole / checkpoint_of(20)) == text_of(parts / checkpoint_of(20))));
  const auto a = SafetensorsFile::open(whole / checkpoint_of(20));
  train_digits(plain, at_intervals + Words{"--steps", "20"});
  const auto c = SafetensorsFile::open(plain / checkpoint_of(20));
  CHECK(!same_bits<float>(a.read<float>("level1/step1/coupling/conv2/kernel"),
                          c.read<float>("level1/step1/coupling/conv2/kernel")));
}

TEST_CASE("optimizing by the program: a cosine ends at the last rate, and metrics have the rates") {
  const TemporaryFolder folder;
  train_digits(folder / "run", {"--steps", "20", "--schedule", "cosine", "--lr", "0.01", "--lr-last", "0.1"});
  const auto lines = lines_of_run(folder / "run");
  CHECK(std::abs(lines[4]["learning_rate"].get<double>() - 0.01) < 1e-12);  // after the warm-up
  CHECK(lines[12]["learning_rate"] < 0.008);
  CHECK(std::abs(lines[19]["learning_rate"].get<double>() - 0.001) < 1e-12);
}

TEST_CASE("optimizing by the program: averaged weights judge and draw, unless raw ones are asked for") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run, {"--steps", "30", "--lr", "0.02", "--ema", "0.95", "--validate-every", "30"});
  const json averaged = json::parse(evaluated(run, {"--json"})),
             raw = json::parse(evaluated(run, {"--json", "--weights", "raw"}));
  CHECK(averaged["bits_per_dim"] != raw["bits_per_dim"]);
  CHECK(averaged == json::parse(evaluated(run, {"--json", "--weights", "ema"})));
  // Those of the validation in training are the same images with the same noise.
  CHECK(std::abs(lines_of_run(run).back()["validation_bits_per_dim"].get<double>() -
                 averaged["bits_per_dim"].get<double>()) < 1e-9);
  const auto drawn = [&](const Words& more) {
    const auto picture = folder / "samples.png";
    const Outcome o =
        run_glow(Words{"sample", run.string(), "--out", picture.string(), "--count", "4"} + more);
    INFO(o.err);
    REQUIRE(o.status == 0);
    return text_of(picture);
  };
  CHECK((drawn({}) == drawn({"--weights", "ema"})));
  CHECK((drawn({}) != drawn({"--weights", "raw"})));
}

TEST_CASE("optimizing by the program: without averages both kinds of weights are the same") {
  const TemporaryFolder folder;
  train_digits(folder / "run");
  CHECK(evaluated(folder / "run") == evaluated(folder / "run", {"--weights", "raw"}));
}

TEST_CASE("optimizing by the program: the best checkpoint is kept, and training ends without patience") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  // A rate at which validation soon gets no better.
  const Outcome o = train_digits(run, seeded + Words{"--steps", "1000", "--lr", "0.2", "--patience", "3",
                                                     "--validate-every", "5", "--clip-norm", "1"});
  std::vector<std::pair<double, int>> validations;
  for (const json& line : lines_of_run(run)) {
    if (line.contains("validation_bits_per_dim") && line["validation_bits_per_dim"].is_number())
      validations.emplace_back(line["validation_bits_per_dim"], line["step"]);
  }
  const auto best = std::min_element(validations.begin(), validations.end());
  const int last = lines_of_run(run).back()["step"];
  CHECK(last < 1000);
  CHECK(last == best->second + 15);
  CHECK(contains(o.out, "no validation was better than that of step " + std::to_string(best->second)));
  const auto kept = run / "checkpoints/best.safetensors";
  CHECK(SafetensorsFile::open(kept).metadata("step") == std::to_string(best->second));
  CHECK(std::abs(json::parse(evaluated(kept, {"--json"}))["bits_per_dim"].get<double>() - best->first) <
        1e-9);
  // Going on ends at once, for the same reason.
  const Outcome again = go_on_with(run, {"--steps", "2000"});
  CHECK(again.status == 0);
  CHECK(lines_of_run(run).back()["step"] == last);
}

TEST_CASE("optimizing by the program: old checkpoints go, but not the best") {
  const TemporaryFolder folder;
  train_digits(folder / "run", at_intervals + Words{"--steps", "30", "--save-every", "5", "--keep", "2"});
  CHECK((names_in(folder / "run" / "checkpoints") == std::vector<std::string>{"best.safetensors",
                                                                              "step_00000025.safetensors",
                                                                              "step_00000030.safetensors"}));
}

TEST_CASE("optimizing by the program: the learning rate may change when a run goes on") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run, {"--steps", "10"});
  REQUIRE(go_on_with(run, {"--steps", "20", "--lr", "0.0001", "--clip-norm", "5"}).status == 0);
  CHECK(lines_of_run(run)[9]["learning_rate"] == 0.001);
  CHECK(lines_of_run(run)[19]["learning_rate"] == 0.0001);
  const Outcome o = go_on_with(run, {"--steps", "30", "--optimizer", "adamax"});
  CHECK(o.status == 2);
  CHECK(contains(o.err, "'optimizer' cannot change when a run goes on"));
}

TEST_CASE("optimizing by the program: a run starts from the weights of another as far as they fit") {
  const TemporaryFolder folder;
  const auto first = folder / "first", deeper = folder / "deeper", same = folder / "same";
  train_digits(first, {"--steps", "60", "--lr", "0.01", "--ema", "0.9"});
  const auto start = [&](const std::filesystem::path& run, const Words& more) {
    Outcome o =
        run_glow(Words{"train", "--data", "digits", "--out", run.string(), "--init-from", first.string(),
                       "--steps", "1", "--lr", "1e-12", "--levels", "1", "--width", "8", "--batch", "16"} +
                 more);
    INFO(o.err);
    REQUIRE(o.status == 0);
    return o;
  };
  // The same model: as good from its first step as the other was in the end.
  start(same, {"--depth", "1"});
  CHECK(std::abs(json::parse(evaluated(same, {"--json"}))["bits_per_dim"].get<double>() -
                 json::parse(evaluated(first, {"--json"}))["bits_per_dim"].get<double>()) < 1e-5);
  const Outcome o = start(deeper, {"--depth", "2", "--no-learn-top-prior"});
  CHECK(contains(o.out, "starting from 13 tensors of " + first.string()));
  CHECK(contains(o.out, "fresh: level1/step2/actnorm/bias"));
  CHECK(contains(o.out, "left out: top/prior/kernel"));
  const auto a = SafetensorsFile::open(first / checkpoint_of(60)),
             b = SafetensorsFile::open(deeper / checkpoint_of(1));
  CHECK(difference(a.read<float>("average/level1/step1/coupling/conv2/kernel"),
                   b.read<float>("level1/step1/coupling/conv2/kernel")) < 1e-6);

  const Outcome nothing = run_glow({"train", "--data", "digits", "--out", (folder / "none").string(),
                                    "--init-from", first.string(), "--levels", "1", "--depth", "1", "--width",
                                    "9", "--channels", "3", "--steps", "1"});
  CHECK(nothing.status == 1);
  CHECK(contains(nothing.err, "none of its 15 tensors fits this model"));
  const Outcome missing = run_glow({"train", "--data", "digits", "--out", (folder / "none2").string(),
                                    "--init-from", (folder / "no run").string(), "--steps", "1"});
  CHECK(missing.status == 1);
  CHECK(contains(missing.err, "does not exist"));
}

TEST_CASE("optimizing by the program: settings that do not go together are refused by name") {
  CHECK(contains(training_refused({"--weight-decay", "0.1"}), "weight_decay: 0.1 goes with optimizer adamw"));
  CHECK(contains(training_refused({"--lr-last", "0.1"}), "lr_last: 0.1 goes with schedule cosine"));
  CHECK(contains(training_refused({"--lr-every", "5"}), "lr_every: 5 goes with schedule step"));
  CHECK(contains(training_refused({"--schedule", "step"}), "schedule: step needs lr_every"));
  CHECK(contains(training_refused({"--schedule", "step", "--lr-every", "5", "--lr-factor", "0"}),
                 "lr_factor: 0 must be above 0"));
  CHECK(contains(training_refused({"--patience", "3", "--validate-every", "0"}), "patience: 3"));
  CHECK(contains(training_refused({"--optimizer", "sgd"}), "sgd"));
  CHECK(contains(training_refused({"--ema", "1"}), "--ema: 1 must be"));
  CHECK(contains(training_refused({"--accumulate", "0"}), "--accumulate: 0 must be"));
}
