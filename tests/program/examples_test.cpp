// The single-file examples that read or write files, each run for some steps.
#include <fstream>

#include "image/read_picture.hpp"
#include "program/glow.hpp"
#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// Runs the example `name`, which lies beside the program.
Outcome run_example(const std::string& name, const Words& words) {
  const auto path = std::filesystem::path(glow_program).replace_filename(name);
  return Child(Words{path.string()} + words, {}).wait();
}

// The numbers that follow `before` in `text`.
std::vector<double> numbers_after(const std::string& text, const std::string& before) {
  std::vector<double> numbers;
  for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at + 1))
    numbers.push_back(std::stod(text.substr(at + before.size())));
  return numbers;
}

// Runs an example on the digits for `steps` steps: a figure without a context and one with it are printed,
// and a sheet of 8 x 8 images is drawn. The gain by the context, in bits per dimension.
double gain_by_context(const std::string& name, const std::string& steps) {
  const TemporaryFolder folder;
  const auto digits = digits_file().string();
  const auto picture = (folder / "p.png").string();
  const Outcome o = run_example(name, {digits, picture, steps});
  REQUIRE(o.status == 0);
  const auto alone = numbers_after(o.out, "held out: "), given = numbers_after(o.out, "given nothing, ");
  REQUIRE((alone.size() == 1 && given.size() == 1));
  CHECK((alone[0] > 1 && alone[0] < 5 && given[0] > 1 && given[0] < 5));
  CHECK(contains(o.out, picture));
  const app::Picture drawn = app::read_picture(picture, 1);
  CHECK((drawn.height == 420 && drawn.width == 420));
  return alone[0] - given[0];
}

}  // namespace

TEST_CASE("examples: density_2d draws three sets of points and their densities") {
  const TemporaryFolder folder;
  const auto picture = (folder / "d.png").string();
  const Outcome o = run_example("density_2d", {picture, "20"});
  REQUIRE(o.status == 0);
  for (const char* name : {"two moons", "rings", "eight Gaussians"}) {
    const auto log_p = numbers_after(o.out, std::string(name) + ": log p(x) of held-out points ");
    REQUIRE(log_p.size() == 1);
    CHECK((log_p[0] > -6 && log_p[0] < -2));
  }
  CHECK(contains(o.out, picture));
  const app::Picture drawn = app::read_picture(picture, 3);
  CHECK((drawn.height == 480 && drawn.width == 720));
  const Outcome refused = run_example("density_2d", {(folder / "no/d.png").string(), "0"});
  CHECK(refused.status == 1);
  CHECK(contains(refused.err, "no/d.png' cannot be written"));
}

TEST_CASE("examples: inpainting draws halves that fit those given") {
  CHECK(gain_by_context("inpainting", "150") > 0.05);
}

TEST_CASE("examples: super_resolution draws images that fit the small ones given") {
  CHECK(gain_by_context("super_resolution", "150") > 0.15);
}

TEST_CASE("examples: inpainting and super_resolution say what is wrong with their files") {
  const TemporaryFolder folder;
  for (const std::string name : {"inpainting", "super_resolution"}) {
    CHECK(run_example(name, {}).status == 2);
    const Outcome bad = run_example(name, {(folder / "no.idx").string()});
    CHECK(bad.status == 1);
    CHECK(contains(bad.err, "no.idx"));
    const auto picture = (folder / "no/p.png").string();
    const Outcome unwritten = run_example(name, {digits_file().string(), picture, "0"});
    CHECK(unwritten.status == 1);
    CHECK(contains(unwritten.err, "no/p.png' cannot be written"));
  }
}

TEST_CASE("examples: table learns the density of a .csv and tells it of rows held out") {
  const TemporaryFolder folder;
  {
    std::ofstream file(folder / "t.csv");
    file << "length,weight\n";
    const auto x = normal({2000, 2}, 1);
    for (Index n = 0; n < 2000; ++n) {
      const double a = x[2 * n], b = x[2 * n + 1];
      file << 170 + 10 * a << "," << 0.06 + 0.01 * (a * a + 0.2 * b) << "\n";
    }
  }
  const Outcome o = run_example("table", {(folder / "t.csv").string(), "100"});
  REQUIRE(o.status == 0);
  CHECK(contains(o.out, "2 columns; 1800 rows to learn from, 200 held out"));
  CHECK(contains(o.out, "length,weight\n"));
  const auto held_out = numbers_after(o.out, "nats of the rows learned from, ");
  REQUIRE(held_out.size() == 10);
  // Of the density that they come from the mean is -log(10 sqrt(2 pi e)) - log(0.002 sqrt(2 pi e)) = 1.07.
  CHECK(held_out.back() > held_out.front() + 0.3);
  CHECK((held_out.back() > 0.5 && held_out.back() < 1.3));
}

TEST_CASE("examples: table says what is wrong with its file") {
  const TemporaryFolder folder;
  std::ofstream(folder / "bad.csv") << "1,2\n3,x\n";
  const Outcome bad = run_example("table", {(folder / "bad.csv").string()});
  CHECK(bad.status == 1);
  CHECK(contains(bad.err, "line 2, column 2: 'x' is not a number"));
  std::ofstream(folder / "few.csv") << "1,2\n3,4\n";
  CHECK(contains(run_example("table", {(folder / "few.csv").string()}).err, "2 rows are too few"));
  CHECK(run_example("table", {}).status == 2);
}

TEST_CASE("examples: attention learns the digits beside the convolutional network") {
  const Outcome o = run_example("attention", {digits_file().string(), "30"});
  REQUIRE(o.status == 0);
  const auto parameters = numbers_after(o.out, "convolutions: "),
             others = numbers_after(o.out, "attention: ");
  REQUIRE((parameters.size() == 1 && others.size() == 1));
  CHECK(std::abs(others[0] / parameters[0] - 1) < 0.03);
  const auto held_out = numbers_after(o.out, "step 30: ");
  REQUIRE(held_out.size() == 2);
  for (const double bits : held_out) CHECK((bits > 2 && bits < 4));
  const Outcome none = run_example("attention", {"no_such_file"});
  CHECK(none.status == 1);
  CHECK(contains(none.err, "no_such_file"));
}
