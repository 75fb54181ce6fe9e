// glow manipulate: its figures, its vectors, and whether digits become others.
#include "data/digit_classes.hpp"
#include "data/open_dataset.hpp"
#include "image/grid.hpp"
#include "image/read_picture.hpp"
#include "program/glow.hpp"
#include "program/rewritten_model.hpp"
#include "run/pictures.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// A model that is good enough after two seconds of training.
const std::filesystem::path& digits_run() {
  static const TemporaryFolder folder;
  static const bool trained = [] {
    const Outcome o = run_glow({"train", "--out", (folder / "run").string(), "--coupling", "exp", "--steps",
                                "300", "--sample-every", "0", "--validate-every", "0"});
    return o.status == 0;
  }();
  REQUIRE(trained);
  static const std::filesystem::path run = folder / "run";
  return run;
}

Outcome manipulate_digits(const Words& words) {
  return run_glow(Words{"manipulate", digits_run().string()} + words);
}

void manipulated(const Words& words) {
  const Outcome o = manipulate_digits(words);
  INFO(o.err);
  REQUIRE(o.status == 0);
  CHECK(o.err.empty());
}

// The images of a figure of 8x8 digits.
class Figure {
 public:
  Figure(const std::filesystem::path& file, Index rows, Index columns)
      : picture_(app::read_picture(file, 1)), layout_(app::grid_layout(rows * columns, {8, 8, 1}, columns)) {
    REQUIRE(picture_.whole());
    REQUIRE(picture_.width == layout_.width);
    REQUIRE(picture_.height > layout_.height);
  }

  std::vector<int> image(Index row, Index column) const {
    std::vector<int> pixels;
    const Index cell = 8 * layout_.scale + layout_.border;
    for (Index y = 0; y < 8; ++y) {
      for (Index x = 0; x < 8; ++x) {
        const Index top = layout_.border + row * cell + y * layout_.scale,
                    left = layout_.border + column * cell + x * layout_.scale;
        pixels.push_back(picture_.pixels[static_cast<std::size_t>(top * picture_.width + left)]);
      }
    }
    return pixels;
  }
  Index height() const { return picture_.height - layout_.height; }  // of the captions

 private:
  app::Picture picture_;
  app::GridLayout layout_;
};

// The digits as a model of 4 bits sees them, and their classes.
struct Digits {
  std::unique_ptr<Dataset> data = app::open_dataset("digits", std::nullopt);
  app::Attributes classes = app::digit_classes();
  std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(1797 * 64);

  Digits() {
    for (Index i = 0; i < 1797; ++i) data->load(i, pixels.data() + i * 64);
    Tensor<float> x(Shape{1797, 8, 8, 1});
    ops::centre_of_bins(pixels, 4, x.view());
    pixels = app::to_pixels(View<const float>(x), 4);
  }

  // The nearest image that was trained on.
  Index nearest(const std::vector<int>& image) const {
    long least = LONG_MAX;
    Index best = -1;
    for (Index i = 0; i < 1600; ++i) {
      long distance = 0;
      for (std::size_t k = 0; k < 64; ++k) {
        const long d = image[k] - pixels[static_cast<std::size_t>(i) * 64 + k];
        distance += d * d;
      }
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
    return best;
  }
};

}  // namespace

// Test images of each class's other classes are moved along its vector. Which class an image is of, its
// nearest neighbour among the training images says.
TEST_CASE("manipulate: digits become those of the class that they are moved to") {
  const Digits digits;
  const TemporaryFolder out;
  Index images = 0, before = 0, after = 0;
  for (Index c = 0; c < 10; ++c) {
    Words numbers;
    for (Index i = 1600; i < 1797; ++i) {
      if (!digits.classes.has(i, c)) numbers.push_back(std::to_string(i));
    }
    const std::string name = std::to_string(c);
    manipulated(
        Words{"--attribute", name, "--out", out.path().string(), "--strength", "3", "--count", "3", "--of"} +
        numbers);
    const auto rows = static_cast<Index>(numbers.size());
    const Figure figure(out / ("manipulation_" + name + ".png"), rows, 3);
    for (Index r = 0; r < rows; ++r) {
      before += digits.classes.has(digits.nearest(figure.image(r, 1)), c) ? 1 : 0;
      after += digits.classes.has(digits.nearest(figure.image(r, 2)), c) ? 1 : 0;
    }
    images += rows;
  }
  INFO("recognised as the class: " << before << " of " << images << " before, " << after << " after");
  CHECK(static_cast<double>(before) < 0.02 * static_cast<double>(images));
  CHECK(static_cast<double>(after) > 0.9 * static_cast<double>(images));
}

TEST_CASE("manipulate: a row an image, a column a strength, the image itself at strength 0") {
  const Digits digits;
  const TemporaryFolder out;
  manipulated(
      {"--attribute", "3", "--out", out.path().string(), "--of", "1600", "--count", "5", "--of", "7", "12"});
  const Figure figure(out / "manipulation_3.png", 3, 5);
  Index row = 0;
  for (const std::size_t number : {1600u, 7u, 12u}) {
    const auto image = digits.pixels.begin() + static_cast<std::ptrdiff_t>(64 * number);
    CHECK(figure.image(row, 2) == std::vector<int>(image, image + 64));
    for (const Index column : {0, 1, 3, 4}) CHECK(figure.image(row, column) != figure.image(row, 2));
    ++row;
  }
  // Two lines below the grid: the strengths, and what they are of.
  CHECK(figure.height() == 2 * (2 * 12 + 6));
  // By default the first eight validation images are moved, to nine strengths.
  manipulated({"--attribute", "3", "--out", out.path().string()});
  const Figure by_default(out / "manipulation_3.png", 8, 9);
  for (Index r = 0; r < 8; ++r) {
    const auto image = digits.pixels.begin() + 64 * (1600 + r);
    CHECK(by_default.image(r, 4) == std::vector<int>(image, image + 64));
  }
}

TEST_CASE("manipulate: a saved vector gives the same picture without the data") {
  const TemporaryFolder out;
  const std::string file = (out / "vectors/four").string(), picture = (out / "seven.png").string();
  std::vector<std::uint8_t> pixels(64);
  app::open_dataset("digits", std::nullopt)->load(7, pixels.data());
  app::write_png(picture, {8, 8, 1, pixels});
  manipulated(
      {"--attribute", "4", "--save", file, "--out", (out / "a").string(), "--of", picture, "--levels", "2"});
  manipulated({"--vector", file, "--out", (out / "b").string(), "--of", picture, "--levels", "2"});
  manipulated({"--vector", file, "--out", (out / "c").string(), "--of", "7", "--levels", "2"});
  manipulated({"--vector", file, "--out", (out / "all").string(), "--of", "7"});
  manipulated({"--vector", file, "--out", (out / "both").string(), "--of", "7", "--levels", "2,1"});
  const auto figure = [&](const std::string& folder) {
    return Figure(out / (folder + "/manipulation_4.png"), 1, 9).image(0, 8);
  };
  CHECK(text_of(out / "b/manipulation_4.png") == text_of(out / "a/manipulation_4.png"));
  CHECK(figure("c") == figure("a"));
  CHECK(figure("all") != figure("a"));
  CHECK(figure("both") == figure("all"));
  const std::string bytes = text_of(file);
  manipulated({"--attribute", "4", "--save", file, "--out", (out / "a").string()});
  CHECK(text_of(file) == bytes);
  manipulated({"--attribute", "4", "--images", "20", "--save", file, "--out", (out / "a").string()});
  CHECK(text_of(file) != bytes);
}

TEST_CASE("manipulate: tables name the images of a folder by file, those of other data by number") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "photos");
  std::string celeba = "20\nDark Bright\n", csv = "file,dark\n";
  for (int i = 0; i < 20; ++i) {
    const std::string name = std::to_string(i) + ".png";
    app::write_png(folder / ("photos/" + name),
                   {4, 4, 1, std::vector<std::uint8_t>(16, static_cast<std::uint8_t>(i % 2 * 200 + i))});
    celeba += name + (i % 2 == 0 ? " 1 -1\n" : " -1 1\n");
    csv += name + (i % 2 == 0 ? ",1\n" : ",0\n");
  }
  write_file_atomically(folder / "list", celeba);
  write_file_atomically(folder / "table", csv);
  const auto glow = [&](const Words& words) { return run_glow(words, folder.path()); };
  REQUIRE(
      glow(Words{"train", "--data", "photos", "--size", "4x4", "--out", "run", "--steps", "4"} + small_model)
          .status == 0);
  const Words manipulate{"manipulate", "run", "--strength", "0.5", "--attributes"};
  const Outcome o = glow(manipulate + Words{"list", "--attribute", "Dark", "--save", "dark"});
  INFO(o.err);
  REQUIRE(o.status == 0);
  CHECK(o.err.empty());
  CHECK(contains(o.out, "vector of 'Dark': "));
  CHECK(contains(o.out, " without (train of " + (folder / "photos").string() + ", the data of training)\n"));
  REQUIRE(glow(manipulate + Words{"table", "--attribute", "dark", "--save", "same"}).status == 0);
  const auto numbers = [&](const char* file) {
    return SafetensorsFile::open(folder / file).read<float>("level1");
  };
  CHECK(same_bits(numbers("dark"), numbers("same")));
  CHECK(contains(glow(manipulate + Words{"list", "--attribute", "Brigt"}).err,
                 "--attribute: 'Brigt' is not in 'list'; did you mean 'Bright'?"));
  CHECK(contains(glow({"manipulate", "run", "--attribute", "Dark"}).err,
                 "--attributes FILE is needed: a table that says which images of '"));

  // The labels of the digits, in a file and as a table, are those that the program brings along.
  std::string numbered = "number,3\n";
  const app::Attributes classes = app::digit_classes();
  for (Index i = 0; i < 1797; ++i) numbered += join(i, ",", classes.has(i, 3) ? 1 : 0, "\n");
  write_file_atomically(folder / "numbered", numbered);
  const std::string labels = (digits_file().parent_path() / "digits-labels-idx1-ubyte").string();
  std::vector<std::string> pictures;
  for (const Words& table :
       {Words{}, Words{"--attributes", labels}, Words{"--attributes", (folder / "numbered").string()}}) {
    manipulated(table + Words{"--attribute", "3", "--out", folder.path().string()});
    pictures.push_back(text_of(folder / "manipulation_3.png"));
  }
  CHECK(pictures[1] == pictures[0]);
  CHECK(pictures[2] == pictures[0]);
}

TEST_CASE("manipulate: what does not go together, or is not there, is refused and leaves nothing") {
  const TemporaryFolder folder;
  const std::string vector = (folder / "v").string(), none = (folder / "none").string(),
                    notes = (folder / "notes").string();
  manipulated({"--attribute", "1", "--save", vector, "--out", folder.path().string()});
  write_file_atomically(notes, std::string("no picture"));
  const std::tuple<Words, int, std::string> wrong[] = {
      {{}, 2, "--attribute NAME is needed, or --vector FILE; see glow manipulate --help"},
      {{"--attributes", none}, 2, "--attribute NAME is needed"},
      {{"--attribute", "1", "--vector", vector}, 2, "--attribute does not go with --vector"},
      {{"--vector", vector, "--attributes", none}, 2, "--attributes does not go with --vector"},
      {{"--vector", vector, "--images", "10"}, 2, "--images does not go with --vector"},
      {{"--vector", vector, "--save", none}, 2, "--save does not go with --vector"},
      {{"--attribute", "1", "--strength", "0"}, 2, "--strength: 0 must be above 0 and finite"},
      {{"--attribute", "1", "--strength", "inf"}, 2, "--strength: inf must be above 0"},
      {{"--attribute", "1", "--count", "1"}, 2, "--count: 1 must be 2 to"},
      {{"--attribute", "1", "--images", "1"}, 2, "--images: 1 must be 2 to"},
      {{"--attribute", "1", "--levels", "0"}, 2, "--levels: 0 must be 1 to"},
      {{"--attribute", "1", "--levels", "1,x"}, 2, "--levels: 'x' must be a whole number"},
      {{"--attribute", "1", "--levels", "1,3"}, 1, "--levels: 3 must be 1 to 2, the levels of this model"},
      {{"--attribute", "1", "--of", ""}, 2, "--of: is given without a value"},
      {{"--attribute", "1", "--of", "1797"}, 1, "--of: 1797 must be 0 to 1796, an image of digits"},
      {{"--attribute", "1", "--of", "-1"}, 1, "--of: -1 must be 0 to 1796"},
      {{"--attribute", "1", "--of", none}, 1, none},
      {{"--attribute", "1", "--of", notes}, 1, "--of: '" + notes + "' cannot be decoded: its first bytes"},
      {{"--attribute", "10"}, 1, "'10' is not in the labels of the digits; there are 0, 1, 2"},
      {{"--attribute", "1", "--attributes", none}, 1, none},
      {{"--attribute", "1", "--attributes", notes}, 1, "'" + notes + "', line 1: this is neither"},
      {{"--attribute", "1", "--save", notes}, 1, "'" + notes + "'"},
      {{"--attribute", "1", "--save", notes + "/v"}, 1, notes},
      {{"--vector", none}, 1, none},
      {{"--vector", (digits_run() / checkpoint_of(300)).string()}, 1, "is not a vector of glow manipulate"},
      {{"--attribute", "1", "--count", "4000000"}, 1, "--count times the images of --of: 32000000 images"},
  };
  const auto left = names_in(folder.path());
  for (const auto& [words, status, named] : wrong) {
    const Outcome o = manipulate_digits(words + Words{"--out", (folder / "out").string()});
    INFO(o.err);
    CHECK(o.status == status);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, named));
  }
  CHECK(names_in(folder.path()) == left);
  CHECK(text_of(notes) == "no picture");
}

// An affine coupling divides by a sigmoid, which is close to 0 far from the data.
TEST_CASE("manipulate: images that do not come out finite are left grey and counted, all of them refused") {
  const Digits digits;
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  REQUIRE(run_glow({"train", "--out", run, "--steps", "100", "--lr", "0.004", "--warmup-steps", "10",
                    "--sample-every", "0"})
              .status == 0);
  const Outcome some = run_glow({"manipulate", run, "--attribute", "4", "--strength", "8"});
  INFO(some.err);
  CHECK(some.status == 0);
  const Figure figure(folder / "run/manipulation_4.png", 8, 9);
  const auto grey = [&](Index row, Index column) {
    return figure.image(row, column) == std::vector<int>(64, figure.image(row, column)[0]);
  };
  Index count = 0;
  for (Index row = 0; row < 8; ++row) {
    for (Index column = 0; column < 9; ++column) count += grey(row, column) ? 1 : 0;
    const auto image = digits.pixels.begin() + 64 * (1600 + row);
    CHECK(figure.image(row, 4) == std::vector<int>(image, image + 64));
  }
  CHECK(count > 0);
  CHECK(some.err ==
        "glow: warning: " + std::to_string(count) +
            " of 72 images do not come out finite and are left grey; take a smaller --strength\n");

  // The same model with scales of sigmoid(-198), which is 0 in float.
  rewrite_model(folder / "run" / checkpoint_of(100), folder / "model",
                [](const std::string& name, View<float> tensor) {
                  if (name.ends_with("coupling/conv3/bias")) fill(tensor, -200.f);
                });
  const Outcome all = run_glow({"manipulate", (folder / "model").string(), "--attribute", "4"});
  CHECK(all.status == 1);
  CHECK(contains(all.err, "glow: none of the 72 images comes out finite\n"));
  CHECK(names_in(folder.path()) == Words{"model", "run"});
}
