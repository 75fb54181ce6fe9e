// Models with classes: training, sampling and what every command makes of them.
#include "data/digit_classes.hpp"
#include "image/grid.hpp"
#include "image/picture.hpp"
#include "image/read_picture.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

const Words classes_of_digits{"--classes", "--sample-every", "0", "--validate-every", "0"};

// A run of the digits' classes, trained a little, and one of priors alone; each made once.
const std::filesystem::path& run_of_classes(const std::string& condition = "all") {
  static const TemporaryFolder folder;
  static std::map<std::string, std::filesystem::path> runs;
  auto& run = runs[condition];
  if (run.empty()) {
    train_digits(folder / condition, classes_of_digits + Words{"--condition", condition, "--steps", "30"});
    run = folder / condition;
  }
  return run;
}

Outcome succeeds(const Words& words) {
  const Outcome o = run_glow(words);
  INFO(o.err);
  REQUIRE(o.status == 0);
  CHECK(o.err.empty());
  return o;
}

// The numbers of an .npy file of uint8 after its header, which must be that of `shape`.
std::string numbers_of_npy(const std::filesystem::path& file, const std::string& shape) {
  const std::string text = text_of(file);
  REQUIRE(text.size() > 128);
  CHECK(text.substr(0, 8) == std::string("\x93NUMPY\x01\0", 8));
  const std::size_t length = static_cast<unsigned char>(text[8]) + 256 * static_cast<unsigned char>(text[9]);
  CHECK((10 + length) % 64 == 0);
  CHECK(text.substr(10, length).starts_with("{'descr': '|u1', 'fortran_order': False, 'shape': " + shape));
  CHECK(text[9 + length] == '\n');
  return text.substr(10 + length);
}

void put_in_class(const std::filesystem::path& folder, const std::string& name, int first, int count) {
  std::filesystem::create_directories(folder / name);
  for (int i = first; i < first + count; ++i) {
    std::vector<std::uint8_t> pixels(16);
    for (std::size_t k = 0; k < 16; ++k)
      pixels[k] = static_cast<std::uint8_t>(Random{9, k}.words(static_cast<std::uint64_t>(i))[0]);
    app::write_png(folder / name / (std::to_string(i) + ".png"), {4, 4, 1, pixels});
  }
}

const Words tiny_classes{"--size",  "4x4", "--levels", "1", "--depth",  "1",
                         "--width", "8",   "--batch",  "4", "--classes"};

}  // namespace

TEST_CASE("classes of the program: a run goes on with the same bits, and is known as one of classes") {
  const std::string condition = GENERATE("all", "priors");
  const TemporaryFolder folder;
  const Words with = classes_of_digits + Words{"--condition", condition};
  train_digits(folder / "whole", with + Words{"--steps", "12", "--threads", "2"});
  train_digits(folder / "run", with + Words{"--steps", "7", "--threads", "1"});
  const std::string run = (folder / "run").string();
  succeeds({"train", "--resume", run, "--steps", "12", "--threads", "2"});
  CHECK(text_of(folder / "run" / checkpoint_of(12)) == text_of(folder / "whole" / checkpoint_of(12)));
  CHECK(text_of(folder / "run/samples/step_00000012.png") ==
        text_of(folder / "whole/samples/step_00000012.png"));

  const auto config = json::parse(text_of(folder / "run/config.json"));
  CHECK(config.at("classes") == true);
  CHECK(config.at("condition") == condition);
  CHECK(config.at("class_names") == json{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
  const auto data = json::parse(text_of(folder / "run/data.json"));
  CHECK(data.at("train_classes").size() == 10);
  CHECK(data.at("train_classes").at("0") == 161);
  const auto lines = json_lines(text_of(folder / "run/metrics.jsonl"));
  for (const json& line : lines) CHECK((line.at("accuracy") >= 0 && line.at("accuracy") <= 1));
  CHECK(lines.back().at("bits_per_dim").get<double>() < lines.front().at("bits_per_dim").get<double>());
}

TEST_CASE("classes of the program: other classes are refused when a run goes on") {
  const TemporaryFolder folder;
  const auto photos = folder / "photos";
  put_in_class(photos, "cat", 0, 8);
  put_in_class(photos, "dog", 8, 8);
  const std::string run = (folder / "run").string();
  succeeds(Words{"train", "--data", photos.string(), "--out", run, "--steps", "2"} + tiny_classes);
  CHECK(json::parse(text_of(folder / "run/config.json")).at("class_names") == json{"cat", "dog"});

  // The folder grows within its classes: each picture stays on its side.
  put_in_class(photos, "cat", 16, 4);
  const Outcome grown = run_glow({"train", "--resume", run, "--steps", "4"});
  CHECK(grown.status == 0);
  CHECK(contains(grown.err, "have grown since training, from 16 images to 20"));

  const auto refused = [&](const Words& words, const std::string& named, int status = 1) {
    const Outcome o = run_glow(words);
    INFO(o.err);
    CHECK(o.status == status);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, named));
  };
  const Words go_on{"train", "--resume", run, "--steps", "6"};
  refused(go_on + Words{"--classes"}, "--resume: 'classes' cannot change", 2);
  refused(go_on + Words{"--condition", "all"}, "--resume: 'condition' cannot change", 2);
  put_in_class(photos, "emu", 20, 2);
  refused(go_on,
          "'" + photos.string() + "' has a class 'emu', which this model does not know; it knows cat, dog");
  refused({"evaluate", run}, "has a class 'emu'");
  std::filesystem::remove_all(photos / "emu");
  auto config = json::parse(text_of(folder / "run/config.json"));
  config["class_names"] = {"cat", "cow"};
  write_file_atomically(folder / "run/config.json", config.dump());
  refused(go_on, "class_names is [\"cat\",\"cow\"], but the run was trained with [\"cat\",\"dog\"]");
}

TEST_CASE("classes of the program: data without classes are refused before anything is written") {
  const TemporaryFolder folder;
  const auto photos = folder / "photos";
  put_in_class(photos, ".", 0, 8);
  const std::pair<Words, std::string> wrong[] = {
      {{"--data", photos.string()}, "has no sub-folders"},
      {{"--data", digits_file().string() + "x"}, "does not exist"},
  };
  for (const auto& [words, named] : wrong) {
    const Outcome o = run_glow(Words{"train", "--out", (folder / "run").string()} + tiny_classes + words);
    INFO(o.err);
    CHECK(o.status == 1);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, named));
    CHECK(!std::filesystem::exists(folder / "run"));
  }
  const Outcome o = run_glow({"train", "--data", "digits", "--out", "x", "--condition", "all"});
  CHECK(o.status == 2);
  CHECK(contains(o.err, "--condition goes with --classes"));
}

TEST_CASE("classes of the program: IDX labels beside the images make the model of the digits") {
  const TemporaryFolder folder;
  const Words three_steps = classes_of_digits + Words{"--steps", "3"};
  train_digits(folder / "bundled", three_steps);
  const Outcome o = run_glow(Words{"train", "--data", digits_file().string(), "--preset", "digits", "--out",
                                   (folder / "file").string()} +
                             small_model + three_steps);
  INFO(o.err);
  REQUIRE(o.status == 0);
  const auto loss = [&](const char* run) {
    return json_lines(text_of(folder / run / "metrics.jsonl")).back().at("bits_per_dim").get<double>();
  };
  CHECK(loss("file") == loss("bundled"));
}

TEST_CASE("classes of the program: sample draws one class, or a row of each, of the same latents") {
  const TemporaryFolder folder;
  const std::string run = run_of_classes().string();
  const auto file = [&](const char* name) { return (folder / name).string(); };
  succeeds({"sample", run, "--class", "3", "--count", "70", "--out", file("three.npy")});
  succeeds({"sample", run, "--count", "5", "--out", file("all.npy")});
  const std::string three = numbers_of_npy(file("three.npy"), "(70, 8, 8, 1)"),
                    all = numbers_of_npy(file("all.npy"), "(50, 8, 8, 1)");
  REQUIRE(three.size() == 70 * 64);
  REQUIRE(all.size() == 50 * 64);
  CHECK(all.substr(3 * 5 * 64, 5 * 64) == three.substr(0, 5 * 64));
  CHECK(all.substr(4 * 5 * 64, 5 * 64) != three.substr(0, 5 * 64));

  succeeds({"sample", run, "--count", "5", "--out", file("all.png")});
  const app::Picture grid = app::read_picture(file("all.png"), 1);
  const app::GridLayout layout = app::grid_layout(50, {8, 8, 1}, 5);
  REQUIRE(grid.whole());
  CHECK(grid.height > layout.height);
  const Index left = grid.width - layout.width, cell = 8 * layout.scale + layout.border;
  REQUIRE(left > 6);
  for (const Index row : {Index{3}, Index{9}}) {
    for (Index i = 0; i < 5 * 64; ++i) {
      const Index y = layout.border + row * cell + i / 8 % 8 * layout.scale,
                  x = left + layout.border + i / 64 * cell + i % 8 * layout.scale;
      REQUIRE(grid.pixels[static_cast<std::size_t>(y * grid.width + x)] ==
              static_cast<std::uint8_t>(all[static_cast<std::size_t>(row * 5 * 64 + i)]));
    }
  }
  succeeds(
      {"sample", run, "--class", "3", "--count", "5", "--temperature", "0.5,1", "--out", file("folder")});
  CHECK(names_in(folder / "folder") == Words{"sample_t0.5.png", "sample_t1.png"});
  succeeds({"sample", run, "--out", file("folder")});
  CHECK(names_in(folder / "folder").size() == 3);
}

TEST_CASE("classes of the program: what sample cannot draw is refused") {
  const std::string run = run_of_classes().string();
  const TemporaryFolder folder;
  train_digits(folder / "plain");
  const std::string plain = (folder / "plain").string();
  const auto refused = [&](const Words& words, const std::string& named, int status) {
    const Outcome o = run_glow(Words{"sample"} + words);
    INFO(o.err);
    CHECK(o.status == status);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, named));
  };
  refused({run, "--class", "ten"}, "--class: 'ten' is no class of this model; there are 0, 1, 2", 1);
  refused({run, "--class", "10"}, "--class: '10' is no class", 1);
  refused({run, "--class", "-1"}, "--class: '-1' is no class", 1);
  refused({plain, "--class", "1"}, "--class: this model has no classes; train one with --classes", 1);
  refused({run, "--out", "x.npy", "--temperature", "1,0.5"}, "--out: one file takes one --temperature", 2);
  refused({run, "--count", "100000"}, "--count: ", 1);
  succeeds({"sample", plain, "--count", "2", "--out", (folder / "new/two.npy").string()});
  CHECK(numbers_of_npy(folder / "new/two.npy", "(2, 8, 8, 1)").size() == 2 * 64);
}

TEST_CASE("classes of the program: evaluate tells likelihoods with and without the class, and accuracies") {
  const auto told = [](const std::string& condition) {
    return json::parse(succeeds({"evaluate", run_of_classes(condition).string(), "--json"}).out);
  };
  const json all = told("all"), priors = told("priors");
  for (const json& e : {all, priors}) {
    CHECK(e.at("images") == 197);
    const double given = e.at("bits_per_dim"), mixture = e.at("mixture_bits_per_dim");
    CHECK(std::isfinite(mixture));
    // p(x) is at least a tenth of p(x | y): no more than log2(10) bits an image less likely.
    CHECK(mixture <= given + std::log2(10) / 64 + 1e-9);
    CHECK((e.at("accuracy") > 0.15 && e.at("accuracy") <= 1));
  }
  CHECK(!all.contains("head_accuracy"));
  CHECK((priors.at("head_accuracy") > 0.15 && priors.at("head_accuracy") <= 1));
  CHECK(contains(succeeds({"evaluate", run_of_classes("priors").string()}).out,
                 "the classifier of the last latent"));
  const auto validation = json_lines(text_of(run_of_classes() / "metrics.jsonl"))
                              .back()
                              .at("validation_bits_per_dim")
                              .get<double>();
  CHECK(validation == all.at("bits_per_dim").get<double>());
}

TEST_CASE("classes of the program: every command takes images with their own classes") {
  const std::string condition = GENERATE("all", "priors");
  const TemporaryFolder folder;
  const std::string run = run_of_classes(condition).string(), out = (folder / "out").string();
  const Outcome again = succeeds({"reconstruct", run, "--out", out});
  const auto at = again.out.find("largest error ");
  REQUIRE(at != std::string::npos);
  CHECK(std::stod(again.out.substr(at + 14)) < 1e-3);
  succeeds({"interpolate", run, "--pairs", "2", "--steps", "3", "--out", out});
  succeeds({"manipulate", run, "--attribute", "3", "--images", "100", "--strength", "0.5", "--of", "1700",
            "1701", "--out", out});
  app::write_png(folder / "own.png", {8, 8, 1, std::vector<std::uint8_t>(64, 100)});
  const Outcome own = run_glow({"manipulate", run, "--attribute", "3", "--images", "100", "--strength", "0.5",
                                "--of", (folder / "own.png").string(), "--out", out});
  CHECK(own.status == (condition == "priors" ? 0 : 1));
  if (own.status != 0) CHECK(contains(own.err, "--of: '" + (folder / "own.png").string() + "' has no class"));
}

TEST_CASE("classes of the program: interpolation between classes ends at both images") {
  const TemporaryFolder folder;
  const std::string run = run_of_classes().string();
  succeeds({"interpolate", run, "--pairs", "3", "--steps", "4", "--out", folder.path().string()});
  succeeds({"reconstruct", run, "--count", "6", "--out", folder.path().string()});
  const app::Picture walk = app::read_picture(folder / "interpolation_all.png", 1),
                     pairs = app::read_picture(folder / "reconstructions.png", 1);
  const app::GridLayout of_walk = app::grid_layout(12, {8, 8, 1}, 4),
                        of_pairs = app::grid_layout(12, {8, 8, 1}, 8);
  const auto image = [](const app::Picture& p, const app::GridLayout& l, Index n) {
    std::vector<int> pixels;
    const Index cell = 8 * l.scale + l.border;
    for (Index i = 0; i < 64; ++i) {
      const Index y = l.border + n / l.columns * cell + i / 8 * l.scale,
                  x = l.border + n % l.columns * cell + i % 8 * l.scale;
      pixels.push_back(p.pixels[static_cast<std::size_t>(y * p.width + x)]);
    }
    return pixels;
  };
  for (Index p = 0; p < 3; ++p) {
    CHECK(image(walk, of_walk, 4 * p) == image(pairs, of_pairs, 4 * p));
    CHECK(image(walk, of_walk, 4 * p + 3) == image(pairs, of_pairs, 4 * p + 2));
  }
}

TEST_CASE("classes of the program: summary counts what they add, and their memory") {
  const std::string all = succeeds({"summary", run_of_classes().string()}).out;
  CHECK(contains(all, "classes/embedding"));
  CHECK(contains(all, "classes/head"));
  const std::string settings =
      succeeds(Words{"summary", "--data", "digits", "--classes", "--condition", "all"} + small_model).out;
  CHECK(all.substr(0, all.find("Trained on")) == settings);
  const auto bytes = [](const Words& more) {
    return json::parse(
               succeeds(Words{"summary", "--data", "digits", "--memory", "--json"} + small_model + more).out)
        .at("parameter_bytes")
        .get<std::size_t>();
  };
  CHECK(bytes({}) < bytes({"--classes"}));
  CHECK(bytes({"--classes"}) < bytes({"--classes", "--condition", "all"}));
}

TEST_CASE("classes of the program: a run without them has the bits and the files that it had") {
  const TemporaryFolder folder;
  train_digits(folder / "run", {"--steps", "3"});
  const auto file = folder / "run/config.json";
  auto config = json::parse(text_of(file));
  CHECK(config.at("classes") == false);
  for (const char* key : {"classes", "condition", "class_names"}) config.erase(key);
  write_file_atomically(file, config.dump());
  CHECK(run_glow({"train", "--resume", (folder / "run").string(), "--steps", "4"}).status == 0);
  for (const json& line : json_lines(text_of(folder / "run/metrics.jsonl")))
    CHECK(!line.contains("accuracy"));
}
