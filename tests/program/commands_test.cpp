// What the commands beside train do with a run.
#include "image/grid.hpp"
#include "image/read_picture.hpp"
#include "program/glow.hpp"

namespace {

using namespace glow;
using namespace glow::test;
using nlohmann::json;

// A run on the digits, made once for all the tests here.
struct Fixture {
  TemporaryFolder folder;
  std::filesystem::path run = folder / "run";
  Fixture() {
    const Outcome o = run_glow(
        {"train", "--out", run.string(), "--depth", "1", "--levels", "2", "--width", "8", "--steps", "30"});
    REQUIRE(o.status == 0);
  }
};
const std::filesystem::path& run_folder() {
  static const Fixture fixture;
  return fixture.run;
}

Outcome command(const Words& words) {
  const Outcome o = run_glow(Words{words[0], run_folder().string()} + Words(words.begin() + 1, words.end()));
  INFO(o.err);
  REQUIRE(o.status == 0);
  REQUIRE(o.err.empty());
  return o;
}

app::Picture picture(const std::filesystem::path& path) {
  const auto p = app::read_picture(path, 1);
  INFO(path.string());
  REQUIRE(p.whole());
  return p;
}

// A grid of `count` 8x8 digits, without what stands under it.
app::Picture rows(app::Picture grid, Index count) {
  grid.height = app::grid_layout(count, {8, 8, 1}, 8).height;
  REQUIRE(static_cast<std::size_t>(grid.height * grid.width) < grid.pixels.size());
  grid.pixels.resize(static_cast<std::size_t>(grid.height * grid.width));
  return grid;
}

}  // namespace

TEST_CASE("sample: a grid for each temperature, named after it") {
  const TemporaryFolder out;
  const Outcome o =
      command({"sample", "--out", out.path().string(), "--temperature", "0,0.7,1", "--count", "20"});
  CHECK(names_in(out.path()) == Words{"sample_t0.7.png", "sample_t0.png", "sample_t1.png"});
  for (const auto& name : names_in(out.path())) CHECK(contains(o.out, (out / name).string() + "\n"));
  CHECK(picture(out / "sample_t1.png").pixels != picture(out / "sample_t0.7.png").pixels);
  const auto grid = picture(out / "sample_t0.png");
  CHECK(grid.width > 2 * rows(grid, 20).height);  // 8 beside each other, 3 rows, and a caption
}

TEST_CASE("sample: more images than a picture can hold are refused before any is drawn") {
  const Outcome o = run_glow({"sample", run_folder().string(), "--count", "3700000"});
  CHECK(o.status == 1);
  CHECK(one_line(o.err));
  CHECK(contains(o.err, "--count: 3700000 images"));
  CHECK(contains(o.err, "up to 362344 fit"));
}

TEST_CASE("sample: a seed gives its pictures again, another one others") {
  const TemporaryFolder out;
  const auto draw = [&](const std::string& seed) {
    command({"sample", "--out", out.path().string(), "--temperature", "1", "--seed", seed});
    return text_of(out / "sample_t1.png");
  };
  const std::string first = draw("1");
  CHECK(draw("2") != first);
  CHECK(draw("1") == first);
}

TEST_CASE("sample: image i of a seed is the same whatever the count") {
  const TemporaryFolder out;
  const auto draw = [&](const std::string& count) {
    command({"sample", "--out", out.path().string(), "--temperature", "1", "--seed", "3", "--count", count});
    return picture(out / "sample_t1.png");
  };
  // The first eight images are the first row, of the same width.
  const auto eight = rows(draw("8"), 8), sixteen = rows(draw("16"), 16);
  REQUIRE(eight.width == sixteen.width);
  REQUIRE(eight.pixels.size() < sixteen.pixels.size());
  CHECK(std::equal(eight.pixels.begin(), eight.pixels.end(), sixteen.pixels.begin()));
}

TEST_CASE("sample: without --out pictures go into the run, also where a checkpoint of it is given") {
  command({"sample", "--temperature", "0.25"});
  CHECK(std::filesystem::exists(run_folder() / "sample_t0.25.png"));
  const std::string name = "step_00000030.safetensors";
  const std::pair<std::string, std::string> from[] = {
      {".", "checkpoints/" + name}, {"checkpoints", name}, {"samples", "../checkpoints/" + name}};
  for (const auto& [folder, checkpoint] : from) {
    std::filesystem::remove(run_folder() / "sample_t0.25.png");
    const Outcome o = run_glow({"sample", checkpoint, "--temperature", "0.25"}, run_folder() / folder);
    INFO(o.err);
    CHECK(o.status == 0);
    CHECK(std::filesystem::exists(run_folder() / "sample_t0.25.png"));
  }
}

TEST_CASE("sample: pictures of a checkpoint outside of any run lie beside it") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "a");
  std::filesystem::copy(run_folder() / "checkpoints/step_00000030.safetensors",
                        folder / "a/model.safetensors");
  CHECK(run_glow({"sample", (folder / "a/model.safetensors").string(), "--temperature", "1"}).status == 0);
  CHECK(names_in(folder / "a") == Words{"model.safetensors", "sample_t1.png"});
}

TEST_CASE("reconstruct: images come back to rounding") {
  const TemporaryFolder out;
  const Outcome o = command({"reconstruct", "--out", out.path().string(), "--count", "8"});
  CHECK(contains(o.out, "8 images"));
  const auto at = o.out.find("largest error ");
  REQUIRE(at != std::string::npos);
  const double error = std::stod(o.out.substr(at + 14));
  CHECK(error < 1e-4);
  CHECK(error > 0);
  // Originals and reconstructions stand beside each other: columns 2k and 2k + 1 look the same.
  const auto grid = rows(picture(out / "reconstructions.png"), 16);
  const Index step = grid.width / 8;
  bool same = true;
  for (Index y = 0; y < grid.height; ++y) {
    for (Index x = 4; x < step; ++x) {
      const auto row = static_cast<std::size_t>(y * grid.width + x);
      same = same && grid.pixels[row] == grid.pixels[row + static_cast<std::size_t>(step)];
    }
  }
  CHECK(same);
}

TEST_CASE("interpolate: a picture for all levels and one for each") {
  const TemporaryFolder out;
  const Outcome o = command({"interpolate", "--out", out.path().string(), "--pairs", "3", "--steps", "5"});
  CHECK(names_in(out.path()) ==
        Words{"interpolation_all.png", "interpolation_level1.png", "interpolation_level2.png"});
  for (const auto& name : names_in(out.path())) CHECK(contains(o.out, (out / name).string() + "\n"));
  CHECK(picture(out / "interpolation_all.png").pixels != picture(out / "interpolation_level1.png").pixels);
}

TEST_CASE("interpolate: rows too long for a picture are refused before work begins") {
  const Outcome o = run_glow({"interpolate", run_folder().string(), "--pairs", "2", "--steps", "16777216"});
  CHECK(o.status == 1);
  CHECK(one_line(o.err));
  CHECK(contains(
      o.err, "--pairs times --steps: 33554432 images 8x8x1 make a picture too large to be written; up to "));
}

TEST_CASE("evaluate: --json prints the split, its images and bits per dimension") {
  for (const std::string split : {"train", "val"}) {
    const Outcome o = command({"evaluate", "--split", split, "--json"});
    const auto lines = json_lines(o.out);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].size() == 6);
    CHECK(lines[0].at("split") == split);
    CHECK(lines[0].at("images") == (split == "train" ? 1600 : 197));
    CHECK(lines[0].at("bits_per_dim").get<double>() > 0);
    CHECK(lines[0].at("bits") == 4);
    CHECK(lines[0].at("data") == "same");
    CHECK(lines[0].at("trained_on") == (split == "train" ? 1600 : 0));
  }
}

TEST_CASE("evaluate: validation is that of training") {
  const auto metrics = json_lines(text_of(run_folder() / "metrics.jsonl"));
  const auto line = json_lines(command({"evaluate", "--json"}).out).at(0);
  CHECK(line.at("bits_per_dim") == metrics.back().at("validation_bits_per_dim"));
  const std::string text = command({"evaluate"}).out;
  CHECK(contains(text, "val: 197 images, "));
  CHECK(contains(text, " bits/dim of 4-bit images (digits, the data of training)\n"));
}

TEST_CASE("summary: layers, shapes and parameter counts that add up") {
  const Outcome o = command({"summary"});
  std::istringstream in(o.out);
  long sum = 0, trainable = -1;
  std::map<std::string, std::string> shapes;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string layer, extents, count;
    if (line.rfind("Trainable parameters: ", 0) == 0) trainable = std::stol(line.substr(22));
    if (words >> layer >> extents >> count && extents.find('x') != std::string::npos) {
      shapes[layer] = extents;
      sum += std::stol(count);
    }
  }
  CHECK(trainable == sum);
  CHECK(shapes["Input"] == "8x8x1");
  CHECK(shapes["level1/step1/coupling"] == "4x4x4");
  CHECK(shapes["z.1"] == "4x4x2");
  CHECK(shapes["level2/step1/actnorm"] == "2x2x8");
  CHECK(shapes.count("level1/step2/actnorm") == 0);
  const auto file = SafetensorsFile::open(run_folder() / "checkpoints/step_00000030.safetensors");
  CHECK(trainable == file.info("optimizer/first_moment").shape[0]);
}

TEST_CASE("summary: settings serve as well as a run") {
  const Outcome o = run_glow({"summary", "--preset", "reference-celeba64", "--data", "photos/"});
  CHECK(o.status == 0);
  CHECK(contains(o.out, "64x64x3"));
  CHECK(contains(o.out, "level3/step16/coupling"));
}
