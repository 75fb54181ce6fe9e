#include "image/read_picture.hpp"
#include "program/glow.hpp"

using namespace glow;
using namespace glow::test;
using nlohmann::json;

namespace {

json config_of(const std::filesystem::path& run) { return json::parse(text_of(run / "config.json")); }

}  // namespace

TEST_CASE("train: a run folder has configuration, metrics, samples, a film and checkpoints") {
  const TemporaryFolder folder;
  const auto run = folder / "deep/run";
  train_digits(run, {"--steps", "6", "--sample-every", "2", "--save-every", "4", "--validate-every", "3"});
  CHECK(names_in(run) ==
        Words{"checkpoints", "config.json", "data.json", "evolution.gif", "metrics.jsonl", "samples"});
  CHECK(names_in(run / "checkpoints") ==
        Words{"best.safetensors", "step_00000004.safetensors", "step_00000006.safetensors"});
  CHECK(names_in(run / "samples") ==
        Words{"step_00000000.png", "step_00000002.png", "step_00000004.png", "step_00000006.png"});
  CHECK(app::read_picture(run / "samples/step_00000006.png", 1).whole());
  CHECK(text_of(run / "evolution.gif").substr(0, 6) == "GIF89a");
}

TEST_CASE("train: metrics have a line a step, with validation where it is due") {
  const TemporaryFolder folder;
  train_digits(folder / "run", {"--steps", "7", "--validate-every", "3"});
  const auto lines = json_lines(text_of(folder / "run/metrics.jsonl"));
  REQUIRE(lines.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    const json& line = lines[i];
    const int step = static_cast<int>(i) + 1;
    CHECK(line.at("step") == step);
    CHECK(std::abs(line.at("epoch").get<double>() - step * 16 / 1600.0) < 1e-12);
    CHECK(std::abs(line.at("learning_rate").get<double>() - std::min(step / 5.0, 1.0) * 1e-3) < 1e-12);
    for (const char* name : {"bits_per_dim", "gradient_norm", "images_per_second", "seconds"})
      CHECK(line.at(name).get<double>() > 0);
    CHECK(line.contains("validation_bits_per_dim") == (step % 3 == 0 || step == 7));
  }
}

TEST_CASE("train: every option is accepted and ends in the configuration") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  const Outcome o = run_glow({"train",
                              "--data",
                              "digits",
                              "--out",
                              run.string(),
                              "--size",
                              "4x8",
                              "--bits",
                              "3",
                              "--depth",
                              "2",
                              "--levels",
                              "2",
                              "--width",
                              "5",
                              "--no-learn-top-prior",
                              "--batch",
                              "10",
                              "--lr",
                              "0.002",
                              "--warmup-steps",
                              "2",
                              "--warmup-epochs",
                              "0.01",
                              "--epochs",
                              "0.02",
                              "--sample-every",
                              "2",
                              "--save-every",
                              "3",
                              "--validate-every",
                              "2",
                              "--temperature",
                              "0.9",
                              "--flip",
                              "--strict",
                              "--seed",
                              "18446744073709551615",
                              "--threads",
                              "2",
                              "--train-split",
                              "200",
                              "--channels",
                              "3",
                              "--device",
                              "cpu",
                              "--coupling",
                              "spline",
                              "--permutation",
                              "shuffle",
                              "--classes",
                              "--condition",
                              "all",
                              "--precision",
                              "full",
                              "--activations",
                              "lean",
                              "--activation-mib",
                              "100",
                              "--max-megapixels",
                              "12",
                              "--cache-mib",
                              "34",
                              "--schedule",
                              "cosine",
                              "--lr-last",
                              "0.25",
                              "--lr-factor",
                              "0.75",
                              "--optimizer",
                              "adamw",
                              "--weight-decay",
                              "0.125",
                              "--clip-norm",
                              "9",
                              "--clip-value",
                              "8",
                              "--ema",
                              "0.5",
                              "--accumulate",
                              "2",
                              "--compression",
                              "bf16",
                              "--patience",
                              "7",
                              "--keep",
                              "6",
                              "--telemetry-every",
                              "3",
                              "--shuffle",
                              "auto",
                              "--shuffle-buffer",
                              "56",
                              "--quiet"});
  INFO(o.err);
  REQUIRE(o.status == 0);
  CHECK(o.out.empty());
  const json expected{{"schedule", "cosine"},
                      {"lr_last", 0.25},
                      {"lr_every", 0},
                      {"lr_factor", 0.75},
                      {"optimizer", "adamw"},
                      {"weight_decay", 0.125},
                      {"clip_norm", 9.0},
                      {"clip_value", 8.0},
                      {"ema", 0.5},
                      {"accumulate", 2},
                      {"compression", "bf16"},
                      {"init_from", ""},
                      {"patience", 7},
                      {"keep", 6},
                      {"data", "digits"},
                      {"size", "4x8"},
                      {"channels", 3},
                      {"bits", 3},
                      {"depth", 2},
                      {"levels", 2},
                      {"width", 5},
                      {"learn_top_prior", false},
                      {"batch", 10},
                      {"lr", 0.002},
                      {"warmup_steps", 3},
                      {"warmup_epochs", 0.0},
                      {"steps", 1},
                      {"epochs", 0.02},
                      {"sample_every", 2},
                      {"save_every", 3},
                      {"validate_every", 2},
                      {"telemetry_every", 3},
                      {"temperature", 0.9},
                      {"flip", true},
                      {"strict", true},
                      {"max_megapixels", 12},
                      {"cache_mib", 34},
                      {"shuffle", "auto"},
                      {"shuffle_buffer", 56},
                      {"seed", UINT64_MAX},
                      {"threads", 2},
                      {"device", "cpu"},
                      {"precision", "full"},
                      {"coupling", "spline"},
                      {"permutation", "shuffle"},
                      {"classes", true},
                      {"condition", "all"},
                      {"class_names", {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}},
                      {"activations", "lean"},
                      {"activation_mib", 100},
                      {"train_split", 200.0}};
  CHECK(config_of(run) == expected);
}

TEST_CASE("train: options go before the configuration file, and that before the preset") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "c.json", std::string(R"({"bits": 3, "batch": 7, "steps": 2, "width": 8})"));
  const Outcome o =
      run_glow({"train", "--preset", "digits", "--config", (folder / "c.json").string(), "--batch", "9",
                "--learn-top-prior", "--out", (folder / "run").string(), "--quiet"});
  INFO(o.err);
  REQUIRE(o.status == 0);
  const json config = config_of(folder / "run");
  CHECK(config.at("batch") == 9);
  CHECK(config.at("bits") == 3);
  CHECK(config.at("train_split") == 1600);
  // A run's own configuration can be the start of another run.
  const Outcome again = run_glow({"train", "--config", (folder / "run/config.json").string(), "--out",
                                  (folder / "again").string(), "--quiet"});
  REQUIRE(again.status == 0);
  CHECK(config_of(folder / "again") == config);
  CHECK(text_of(folder / "again/checkpoints/step_00000002.safetensors") ==
        text_of(folder / "run/checkpoints/step_00000002.safetensors"));
}

TEST_CASE("train: --json prints the lines of the metrics and nothing else") {
  const TemporaryFolder folder;
  const Outcome o = train_digits(folder / "run", {"--steps", "3", "--json"});
  CHECK(o.out == text_of(folder / "run/metrics.jsonl"));
  CHECK(o.err.empty());
}

TEST_CASE("train: a pipe gets lines with the step, validation and where the run was saved") {
  const TemporaryFolder folder;
  const Outcome o = train_digits(folder / "run", {"--steps", "4", "--validate-every", "2"});
  CHECK(contains(o.out, "training on 1600 images 8x8x1 of digits"));
  CHECK(contains(o.out, "step 2/4  bits/dim "));
  CHECK(contains(o.out, "  validation "));
  CHECK(contains(o.out, "saved " + (folder / "run/checkpoints/step_00000004.safetensors").string() + "\n"));
  CHECK(!contains(o.out, "\r"));
}

TEST_CASE("train: it learns") {
  const TemporaryFolder folder;
  train_digits(folder / "run", {"--steps", "300", "--lr", "0.005", "--validate-every", "100"});
  const auto lines = json_lines(text_of(folder / "run/metrics.jsonl"));
  CHECK(lines[299].at("validation_bits_per_dim").get<double>() <
        lines[99].at("validation_bits_per_dim").get<double>());
  CHECK(lines[299].at("bits_per_dim").get<double>() < lines[0].at("bits_per_dim").get<double>() - 0.5);
}
