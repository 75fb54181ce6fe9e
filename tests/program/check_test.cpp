// `glow check`: the laws hold for a run, and what is spoilt is found and named.
#include "program/glow.hpp"
#include "program/rewritten_model.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

// Trains a small model on the digits a little.
void train_checked(const std::filesystem::path& run, const Words& model) {
  const Outcome o = run_glow(Words{"train", "--out", run.string(), "--width", "8", "--batch", "16", "--steps",
                                   "6", "--sample-every", "0"} +
                             model);
  INFO(o.err);
  REQUIRE(o.status == 0);
}

// A run of two levels with two steps each; made once.
const std::filesystem::path& checked_run() {
  static const TemporaryFolder folder;
  static const bool trained = [] {
    train_checked(folder / "run", {"--levels", "2", "--depth", "2"});
    return true;
  }();
  REQUIRE(trained);
  static const std::filesystem::path run = folder / "run";
  return run;
}

// The laws of `glow check RUN`, by name; the exit status must be that of what they say.
std::map<std::string, json> laws_of(const std::filesystem::path& run, const Words& more = {}) {
  const Outcome o = run_glow(Words{"check", run.string(), "--json"} + more);
  INFO(o.out << o.err);
  std::map<std::string, json> laws;
  bool hold = true;
  for (const json& line : json_lines(o.out)) {
    hold = hold && line.at("ok").get<bool>();
    laws[line.at("law")] = line;
  }
  CHECK(laws.size() == 6);
  CHECK(o.status == (hold ? 0 : 1));
  return laws;
}

// Those that do not hold.
Words broken_laws(const std::map<std::string, json>& laws) {
  Words names;
  for (const auto& [name, law] : laws)
    if (!law.at("ok").get<bool>()) names.push_back(name);
  return names;
}

// The run's checkpoint, with `add` added to the first number of the tensor `spoilt`.
std::filesystem::path spoilt_model(const TemporaryFolder& folder, const std::string& spoilt, float add) {
  rewrite_model(checked_run() / checkpoint_of(6), folder / "model",
                [&](const std::string& name, View<float> x) {
                  if (name == spoilt) x[0] += add;
                });
  return folder / "model";
}

}  // namespace

TEST_CASE("check: all laws of a run hold, a line each, and the same every time") {
  const Outcome o = run_glow({"check", checked_run().string()});
  INFO(o.out << o.err);
  CHECK(o.status == 0);
  CHECK(o.err.empty());
  std::istringstream in(o.out);
  Words lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  const Words laws{"round trip",     "log-determinant",    "gradients",
                   "condition of W", "samples not finite", "density of samples"};
  REQUIRE(lines.size() == laws.size());
  for (std::size_t i = 0; i < laws.size(); ++i) {
    CHECK(lines[i].starts_with(laws[i] + " "));
    CHECK(contains(lines[i], " at most "));
    CHECK(contains(lines[i], " ok "));
  }
  CHECK(contains(lines[0], "16 of them; worst layer level"));
  CHECK(contains(lines[1], "on 2 crops of 8x8x1"));
  CHECK(contains(lines[3], "of 4 1x1 convolutions; worst level"));
  CHECK(contains(lines[4], "0 of 10000 at temperature 1"));
  const std::string file = (checked_run() / checkpoint_of(6)).string();
  CHECK(run_glow({"check", file}).out == o.out);
  CHECK(run_glow({"check", file, "--seed", "1"}).out != o.out);
}

TEST_CASE("check: --json has the figure, the limit and the place of each law") {
  const auto laws = laws_of(checked_run(), {"--samples", "100", "--temperature", "0.5"});
  for (const auto& [name, law] : laws) {
    INFO(law.dump());
    CHECK(law.size() == 6);
    CHECK(law.at("ok") == true);
    CHECK(law.at("measured").get<double>() <= law.at("limit").get<double>());
    CHECK(!law.at("detail").get<std::string>().empty());
  }
  CHECK(laws.at("round trip").at("measured") > 0);
  CHECK(laws.at("round trip").at("where").get<std::string>().starts_with("level"));
  CHECK(contains(laws.at("gradients").at("where"), "/"));
  CHECK(contains(laws.at("condition of W").at("where"), "/conv1x1"));
  CHECK(contains(laws.at("samples not finite").at("detail"), "0 of 100 at temperature 0.5"));
  CHECK(contains(laws.at("density of samples").at("detail"), "of 100 samples"));
}

TEST_CASE("check: gradients are measured in every trained tensor, kernels of networks too") {
  Index tensors = 0, kernels = 0;
  const auto file = SafetensorsFile::open(checked_run() / checkpoint_of(6));
  for (const TensorInfo& t : file.tensors()) {
    if (t.name.starts_with("optimizer/") || t.name.ends_with("/permutation") || t.name.ends_with("/sign_s"))
      continue;
    ++tensors;
    kernels += t.name.ends_with("/kernel");
  }
  REQUIRE(kernels > 0);
  // At most two numbers are taken of a tensor.
  const std::string detail = laws_of(checked_run(), {"--samples", "1"}).at("gradients").at("detail");
  Index numbers = 0;
  REQUIRE(std::sscanf(detail.c_str(), "of %td parameters", &numbers) == 1);
  CHECK(numbers > 2 * (tensors - kernels));
}

TEST_CASE("check: a 1x1 convolution that is nearly singular is found and named") {
  const TemporaryFolder folder;
  const auto laws = laws_of(spoilt_model(folder, "level1/step2/conv1x1/log_s", -30));
  CHECK(!laws.at("condition of W").at("ok").get<bool>());
  CHECK(laws.at("condition of W").at("measured") > 1e12);
  CHECK(laws.at("condition of W").at("where") == "level1/step2/conv1x1");
  CHECK(!laws.at("round trip").at("ok").get<bool>());
  CHECK(laws.at("round trip").at("where") == "level1/step2/actnorm+conv1x1");
}

TEST_CASE("check: samples that overflow are counted, and the layer where they do is named") {
  const TemporaryFolder folder;
  const auto laws =
      laws_of(spoilt_model(folder, "level2/step1/actnorm/log_scale", -200), {"--samples", "300"});
  const json& law = laws.at("samples not finite");
  CHECK(!law.at("ok").get<bool>());
  CHECK(law.at("measured") == 1);
  CHECK(law.at("where") == "level2/step1/actnorm+conv1x1");
  CHECK(contains(law.at("detail"), "300 of 300 at temperature 1; sample 0 first at level2/step1/actnorm"));
  CHECK(laws.at("density of samples").at("measured").is_null());
  CHECK(!laws.at("density of samples").at("ok").get<bool>());
}

TEST_CASE("check: a prior whose draws overflow is named as what enters its level") {
  const TemporaryFolder folder;
  rewrite_model(checked_run() / checkpoint_of(6), folder / "model",
                [](const std::string& name, View<float> x) {
                  if (name == "top/prior/bias")
                    std::fill(x.begin() + x.size() / 2, x.end(), 200.0F);  // log sigma
                });
  const auto laws = laws_of(folder / "model", {"--samples", "10"});
  CHECK(broken_laws(laws) == Words{"density of samples", "samples not finite"});
  CHECK(laws.at("samples not finite").at("where") == "the input of level2");
}

TEST_CASE("check: every kind of model has its laws") {
  const Words more =
      GENERATE(Words{"--classes"}, Words{"--classes", "--condition", "all"}, Words{"--coupling", "spline"},
               Words{"--coupling", "additive", "--bits", "8"}, Words{"--permutation", "shuffle"},
               Words{"--precision", "bf16"}, Words{"--no-learn-top-prior"});
  const TemporaryFolder folder;
  const std::string levels = more[0] == "--no-learn-top-prior" ? "3" : "1";
  train_checked(folder / "run", Words{"--depth", "1", "--levels", levels} + more);
  const auto laws = laws_of(folder / "run", {"--samples", "200", "--temperature", "0.7"});
  INFO(json(laws).dump());
  CHECK(broken_laws(laws).empty());
  if (more[0] == "--permutation") {
    CHECK(laws.at("condition of W").at("measured").is_null());
    CHECK(contains(laws.at("condition of W").at("detail"), "no 1x1 convolution"));
  }
}

TEST_CASE("check: where the data are not there, the model draws images") {
  const TemporaryFolder folder;
  const auto data = folder / "images";
  std::filesystem::copy(digits_file(), data);
  const bool classes = GENERATE(false, true);
  if (classes) {
    write_file_atomically(folder / "digits-images-idx3-ubyte", text_of(digits_file()));
    write_file_atomically(folder / "digits-labels-idx1-ubyte",
                          text_of(digits_file().parent_path() / "digits-labels-idx1-ubyte"));
  }
  const auto taken = classes ? folder / "digits-images-idx3-ubyte" : data;
  Words train = Words{"train", "--data", taken.string(), "--out", (folder / "run").string(), "--steps", "6"};
  if (classes) train.push_back("--classes");
  REQUIRE(run_glow(train + small_model).status == 0);
  std::filesystem::remove(taken);
  const Outcome o = run_glow({"check", (folder / "run").string(), "--samples", "100"});
  INFO(o.out << o.err);
  CHECK(o.status == 0);
  CHECK(contains(o.err, "'" + taken.string() + "', which does not exist"));
  CHECK(contains(o.err, "the laws are checked on images that the model draws"));
}

TEST_CASE("check: what cannot be checked is refused") {
  const TemporaryFolder folder;
  const std::tuple<Words, std::string, int> wrong[] = {
      {{"check"}, "run is required", 2},
      {{"check", (folder / "none").string()}, "does not exist; give a run folder or a checkpoint", 1},
      {{"check", folder.path().string()}, "no checkpoints/step_*.safetensors", 1},
      {{"check", "run", "--samples", "0"}, "--samples: 0 must be 1 to 16777216", 2},
      {{"check", "run", "--samples", "1e3"}, "--samples: '1e3' must be a whole number", 2},
      {{"check", "run", "--temperature", "-1"}, "--temperature: -1 must be at least 0 and finite", 2},
      {{"check", "run", "--seed", "-1"}, "--seed: '-1' must be a whole number", 2},
      {{"check", "run", "--device", "gpu"}, "--device: 'gpu' is none of cpu, cuda, auto", 2},
      {{"check", "run", "--sample", "5"},
       "glow check has no option '--sample'; did you mean '--samples'?",
       2},
  };
  for (const auto& [words, named, status] : wrong) {
    const Outcome o = run_glow(words);
    INFO(o.err);
    CHECK(o.status == status);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, named));
    CHECK(o.out.empty());
  }
}
