#include "image/grid.hpp"

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

using PixelBytes = std::vector<std::uint8_t>;

}  // namespace

TEST_CASE("grid: images lie in rows and are magnified by a whole number") {
  // Two-by-two images are drawn 24 times as large, with a border of 6.
  const PixelBytes images{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const Picture grid = make_grid(images, {2, 2, 1}, 2);
  REQUIRE(grid.height == 2 * 54 + 6);
  REQUIRE(grid.width == 2 * 54 + 6);
  REQUIRE(grid.channels == 1);
  REQUIRE(grid.pixels.size() == 114 * 114);
  bool right = true;
  for (Index y = 0; y < 114; ++y) {
    for (Index x = 0; x < 114; ++x) {
      const bool border = y % 54 < 6 || x % 54 < 6 || (y >= 54 && x >= 54);  // and no fourth image
      const Index n = y / 54 * 2 + x / 54, in_y = (y % 54 - 6) / 24, in_x = (x % 54 - 6) / 24;
      const int expected = border ? 96 : images[static_cast<std::size_t>(n * 4 + in_y * 2 + in_x)];
      right = right && grid.pixels[static_cast<std::size_t>(y * 114 + x)] == expected;
    }
  }
  CHECK(right);
}

TEST_CASE("grid: large colour images keep their size") {
  const Picture p = [] {
    Picture all{40, 64, 3, {}};
    for (int i = 0; i < 40 * 64 * 3; ++i) all.pixels.push_back(static_cast<std::uint8_t>(i * i / 7));
    return all;
  }();
  const Picture grid = make_grid(p.pixels, {40, 64, 3}, 1);
  REQUIRE(grid.height == 40 + 16);
  REQUIRE(grid.width == 64 + 16);
  for (Index y = 0; y < 40; ++y) {
    const auto found = grid.pixels.begin() + ((y + 8) * 80 + 8) * 3, expected = p.pixels.begin() + y * 64 * 3;
    CHECK(std::equal(expected, expected + 64 * 3, found));
  }
}

TEST_CASE("grid: images are drawn with a side of 48 or more, and a single row has no empty cells") {
  for (const Index side : {1, 8, 28, 32, 47, 48, 64}) {
    const GridLayout one = grid_layout(1, {side, side, 3}, 8);
    INFO(side);
    CHECK(side * one.scale >= 48);
    CHECK((one.scale == 1 || side * (one.scale - 1) < 48));
    CHECK(one.columns == 1);
    CHECK(one.rows == 1);
    CHECK(one.width == side * one.scale + 2 * one.border);
    CHECK(one.height == one.width);
  }
  const GridLayout eleven = grid_layout(11, {8, 4, 1}, 8);
  CHECK(eleven.columns == 8);
  CHECK(eleven.rows == 2);
}

TEST_CASE("grid: more images than a PNG file can hold are refused, with the number that fits") {
  const Shape digit{8, 8, 1};
  const Index most = most_grid_images(digit, 8);
  CHECK(most % 8 == 0);
  const GridLayout largest = grid_layout(most, digit, 8);
  CHECK((largest.width + 1) * largest.height <= most_png_bytes);
  for (const Index count : {most + 1, Index{3700000}, std::numeric_limits<Index>::max()})
    CHECK(contains(message_of<ShapeError>([&] { grid_layout(count, digit, 8); }),
                   std::to_string(most) + " fit"));
  CHECK_THROWS_AS(grid_layout(std::numeric_limits<Index>::max(), digit, std::numeric_limits<Index>::max()),
                  ShapeError);
  CHECK(most_grid_images({4096, 4096, 3}, 1) > 0);
  CHECK(most_grid_images({4096, 4096, 3}, 1000000) == 0);
}

TEST_CASE("grid: no images, no columns and parts of images are refused") {
  const PixelBytes pixels(12);
  CHECK_THROWS_AS(make_grid(pixels, {2, 2, 1}, 0), ShapeError);
  CHECK_THROWS_AS(make_grid({}, {2, 2, 1}, 1), ShapeError);
  CHECK_THROWS_AS(make_grid(pixels, {2, 4, 1}, 1), ShapeError);
  CHECK_THROWS_AS(make_grid(pixels, {2, 0, 1}, 1), ShapeError);
}
