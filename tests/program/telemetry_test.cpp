// telemetry.jsonl and trace.json of a run.
#include <algorithm>

#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

const Words told_every_2{"--telemetry-every", "2"};

std::vector<json> telemetry_of(const std::filesystem::path& run) {
  return json_lines(text_of(run / "telemetry.jsonl"));
}

// The lines less what depends on the clock.
std::vector<json> timeless_telemetry(const std::filesystem::path& run) {
  auto lines = telemetry_of(run);
  for (json& line : lines) {
    line.erase("seconds");
    for (json& layer : line["layers"]) {
      layer.erase("forward_seconds");
      layer.erase("backward_seconds");
    }
  }
  return lines;
}

std::vector<Index> steps_in(const std::vector<json>& lines) {
  std::vector<Index> steps;
  for (const json& line : lines) steps.push_back(line.at("step"));
  return steps;
}

json layer_in(const json& line, const std::string& name) {
  for (const json& layer : line.at("layers"))
    if (layer.at("layer") == name) return layer;
  FAIL(name << " is not among the layers");
  return {};
}

// All tensors of two checkpoints, moments of Adam included, and the losses of all steps.
void check_same_run(const std::filesystem::path& a, const std::filesystem::path& b, int step) {
  const auto x = SafetensorsFile::open(a / checkpoint_of(step)),
             y = SafetensorsFile::open(b / checkpoint_of(step));
  REQUIRE(x.tensors().size() == y.tensors().size());
  for (const TensorInfo& t : x.tensors()) {
    INFO(t.name);
    CHECK(same_bits<float>(x.read<float>(t.name), y.read<float>(t.name)));
  }
  const auto metrics = json_lines(text_of(a / "metrics.jsonl")),
             others = json_lines(text_of(b / "metrics.jsonl"));
  REQUIRE(metrics.size() == others.size());
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    CHECK(metrics[i].at("bits_per_dim") == others[i].at("bits_per_dim"));
    CHECK(metrics[i].at("gradient_norm") == others[i].at("gradient_norm"));
  }
}

std::vector<json> events_of(const std::filesystem::path& run) {
  const json trace = json::parse(text_of(run / "trace.json"));
  std::vector<json> events;
  for (const json& e : trace.at("traceEvents"))
    if (e.at("ph") == "X") events.push_back(e);
  return events;
}

}  // namespace

TEST_CASE("telemetry of a run: a line every so many steps, whose figures fit one another") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run, told_every_2 + Words{"--steps", "5", "--seed", "3"});
  const auto lines = telemetry_of(run);
  CHECK(steps_in(lines) == std::vector<Index>{2, 4});
  for (const json& line : lines) {
    CHECK(line.at("images") == 16);  // a batch
    CHECK(line.at("round_trip_error").get<double>() < 1e-4);
    CHECK(line.at("seconds").get<double>() > 0);
    double logdet = 0, squares = 0;
    for (const json& l : line.at("layers")) {
      if (l.contains("container")) continue;
      logdet += l.value("logdet_bits_per_dim", 0.0);
      squares += std::pow(l.value("gradient_norm", 0.0), 2);
    }
    CHECK(std::abs(logdet - line.at("logdet_bits_per_dim").get<double>()) < 1e-5);
    CHECK(std::abs(std::sqrt(squares) / line.at("gradient_norm").get<double>() - 1) < 1e-9);
    const json first = layer_in(line, "level1/step1/actnorm+conv1x1"),
               coupling = layer_in(line, "level1/step1/coupling");
    for (const json& l : {first, coupling}) {
      for (const char* key : {"forward_seconds", "backward_seconds", "largest", "logdet_bits_per_dim",
                              "gradient_norm", "least_scale", "largest_scale", "inverse_error"}) {
        INFO(key);
        CHECK(l.at(key).is_number());
      }
    }
    CHECK(first.at("condition").get<double>() >= 1);
    CHECK(!coupling.contains("condition"));
    CHECK(coupling.at("largest_scale").get<double>() < 1);  // a sigmoid
    CHECK(layer_in(line, "level1").at("container") == true);
    CHECK(layer_in(line, "top").size() == 2);  // its name and its gradient's norm
  }
  CHECK(lines[0].at("bits_per_dim") != lines[1].at("bits_per_dim"));
}

TEST_CASE("telemetry of a run: neither it nor a trace changes a bit of the run") {
  const TemporaryFolder folder;
  const Words options = GENERATE(Words{}, Words{"--accumulate", "3", "--ema", "0.9"}, Words{"--classes"});
  const Words of_run = options + Words{"--steps", "7", "--seed", "3"};
  train_digits(folder / "plain", of_run);
  CHECK(!std::filesystem::exists(folder / "plain/telemetry.jsonl"));
  train_digits(folder / "told", of_run + told_every_2 + Words{"--trace", "2"});
  check_same_run(folder / "plain", folder / "told", 7);
  CHECK(telemetry_of(folder / "told").size() == 3);
  CHECK(telemetry_of(folder / "told")[0].at("images") ==
        (options == Words{} || options[0] == "--classes" ? 16 : 6));
}

TEST_CASE("telemetry of a run: one that goes on has the lines of an unbroken one") {
  const TemporaryFolder folder;
  const auto whole = folder / "whole", parts = folder / "parts";
  const auto go_on = [&](const Words& more) {
    const Outcome o = run_glow(Words{"train", "--resume", parts.string()} + more);
    INFO(o.err);
    REQUIRE(o.status == 0);
  };
  train_digits(whole, told_every_2 + Words{"--steps", "8"});
  train_digits(parts, told_every_2 + Words{"--steps", "6", "--save-every", "4"});
  std::filesystem::remove(parts / checkpoint_of(6));  // so that step 4 is the last that was saved
  go_on({"--steps", "8"});
  CHECK(steps_in(telemetry_of(parts)) == std::vector<Index>{2, 4, 6, 8});
  CHECK((timeless_telemetry(parts) == timeless_telemetry(whole)));
  // Lines beyond the checkpoint go even where no more are wanted.
  std::filesystem::remove(parts / checkpoint_of(8));
  go_on({"--steps", "5", "--telemetry-every", "0"});
  CHECK(steps_in(telemetry_of(parts)) == std::vector<Index>{2, 4});
}

TEST_CASE("trace of a run: its file holds the steps that were asked for, layer by layer") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const Outcome o = train_digits(run, {"--steps", "6", "--trace", "3", "--threads", "1"});
  CHECK(contains(o.out, "wrote " + (run / "trace.json").string()));
  const auto events = events_of(run);
  const auto count = [&](const std::string& name, const std::string& category) {
    return std::count_if(events.begin(), events.end(),
                         [&](const json& e) { return e.at("name") == name && e.at("cat") == category; });
  };
  CHECK(count("step", "step") == 3);
  CHECK(count("optimizer", "step") == 3);
  CHECK(count("waiting for data", "data") == 3);
  for (const char* verb : {"forward", "backward"}) {
    CHECK(count(verb, "step") == 3);
    CHECK(count("level1/step1/coupling", verb) >= 3);
  }
  double busy = 0;
  for (const json& e : events) {
    CHECK(e.at("pid") == 0);
    CHECK(e.at("dur").get<double>() >= 0);
    CHECK(e.at("ts").get<double>() >= 0);
    if (e.at("name") == "step") busy += e.at("dur").get<double>();
  }
  CHECK(busy > 0);
  CHECK(busy < 60e6);
}

TEST_CASE("trace of a run: one that is too short says so, and a count that cannot be is refused") {
  const TemporaryFolder folder;
  const Outcome three = train_digits(folder / "three", {"--steps", "3", "--trace", "5"});
  CHECK(contains(three.err, "--trace: only 1 of 5 steps were recorded"));
  CHECK(!events_of(folder / "three").empty());
  const Outcome two = train_digits(folder / "two", {"--steps", "2", "--trace", "5"});
  CHECK(contains(two.err, "--trace: only 0 of 5 steps"));
  CHECK(!std::filesystem::exists(folder / "two/trace.json"));
  for (const char* wrong : {"0", "1001", "x"}) {
    const Outcome o = run_glow({"train", "--out", (folder / "no").string(), "--trace", wrong});
    CHECK(o.status == 2);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, "--trace"));
  }
  const Outcome negative = run_glow({"train", "--out", (folder / "no").string(), "--telemetry-every", "-1"});
  CHECK(negative.status == 2);
  CHECK(contains(negative.err, "--telemetry-every"));
  CHECK(!std::filesystem::exists(folder / "no"));
}

TEST_CASE("telemetry of a run: what is not finite is null") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const Outcome o = run_glow(Words{"train", "--data", "digits", "--out", run.string()} + small_model +
                             Words{"--lr", "1e30", "--steps", "2", "--telemetry-every", "1"});
  INFO(o.err);
  CHECK(o.status == 1);
  const auto lines = telemetry_of(run);
  CHECK(steps_in(lines) == std::vector<Index>{1, 2});
  CHECK(lines[1].at("bits_per_dim").is_null());
  CHECK(layer_in(lines[1], "level1/step1/coupling").at("largest").is_null());
}

TEST_CASE("telemetry of a run: a run that was killed before it saved is started over without its files") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  {
    const Child child(
        Words{glow_program, "train", "--out", run.string()} + small_model +
        Words{"--steps", "100000000", "--save-every", "0", "--telemetry-every", "1", "--trace", "1"});
    REQUIRE(Child::has_made(run / "trace.json"));
  }  // killed
  train_digits(run);
  CHECK(!std::filesystem::exists(run / "telemetry.jsonl"));
  CHECK(!std::filesystem::exists(run / "trace.json"));
}
