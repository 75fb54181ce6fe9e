#include "run/metrics.hpp"

#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;
using nlohmann::json;

Metrics metrics_of(Index step) {
  return {.step = {.step = step,
                   .bits_per_dim = 3.5,
                   .gradient_norm = 0.25,
                   .learning_rate = 1e-3,
                   .taken = true},
          .epoch = 0.5,
          .images_per_second = 640,
          .seconds = 1.5,
          .validation_bits_per_dim = {}};
}

// Steps first ... last into `file`, after `from`.
void report(const std::filesystem::path& file, Index from, Index last) {
  Reporter reporter(file, from, last, Voice::quiet);
  for (Index s = from + 1; s <= last; ++s) reporter.step(metrics_of(s));
}

}  // namespace

TEST_CASE("metrics: a line of JSON has the numbers of a step") {
  const TemporaryFolder folder;
  Metrics m = metrics_of(1);
  Reporter reporter(folder / "m.jsonl", 0, 2, Voice::quiet);
  reporter.step(m);
  m.step.step = 2;
  m.validation_bits_per_dim = 3.75;
  reporter.step(m);
  const auto lines = json_lines(text_of(folder / "m.jsonl"));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == json{{"step", 1},
                         {"epoch", 0.5},
                         {"bits_per_dim", 3.5},
                         {"gradient_norm", 0.25},
                         {"images_per_second", 640.0},
                         {"learning_rate", 1e-3},
                         {"seconds", 1.5}});
  CHECK(lines[1].at("validation_bits_per_dim") == 3.75);
}

TEST_CASE("metrics: numbers that are not finite become null, and a skipped step says so") {
  const TemporaryFolder folder;
  Metrics m = metrics_of(1);
  m.step.bits_per_dim = std::nan("");
  m.step.gradient_norm = std::numeric_limits<double>::infinity();
  m.validation_bits_per_dim = -std::numeric_limits<double>::infinity();
  m.step.taken = false;
  Reporter(folder / "m.jsonl", 0, 1, Voice::quiet).step(m);
  const auto lines = json_lines(text_of(folder / "m.jsonl"));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].at("bits_per_dim").is_null());
  CHECK(lines[0].at("gradient_norm").is_null());
  CHECK(lines[0].at("validation_bits_per_dim").is_null());
  CHECK(lines[0].at("skipped") == true);
}

TEST_CASE("metrics: a line can be read as soon as its step is done") {
  const TemporaryFolder folder;
  Reporter reporter(folder / "m.jsonl", 0, 9, Voice::quiet);
  reporter.step(metrics_of(1));
  CHECK(json_lines(text_of(folder / "m.jsonl")).size() == 1);
}

TEST_CASE("metrics: a run that goes on drops lines of later steps and lines that were cut short") {
  const TemporaryFolder folder;
  const auto file = folder / "m.jsonl";
  report(file, 0, 5);
  const std::string whole = text_of(file);
  write_file_atomically(file, whole + "null\n{\"step\":null}\n{\"step\":\"x\"}\n" + whole.substr(0, 30));
  report(file, 3, 4);
  std::vector<json> steps;
  for (const json& line : json_lines(text_of(file))) steps.push_back(line.at("step"));
  CHECK(steps == std::vector<json>{1, 2, 3, 4});
}

TEST_CASE("metrics: a file that cannot be written is named") {
  const TemporaryFolder folder;
  const auto path = folder / "none/m.jsonl";
  CHECK(contains(message_of<FileError>([&] { Reporter(path, 0, 1, Voice::quiet); }),
                 "cannot write '" + path.string() + "'"));
}
