#include "image/caption.hpp"

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

Picture blank(Index height, Index width, Index channels) {
  return {height, width, channels,
          std::vector<std::uint8_t>(static_cast<std::size_t>(height * width * channels), 7)};
}

// Rows of `p` below `top` that have ink in them, as "#" and "." for columns first ... last - 1.
std::vector<std::string> ink(const Picture& p, Index top, Index first, Index last) {
  std::vector<std::string> rows;
  for (Index y = top; y < p.height; ++y) {
    rows.emplace_back();
    for (Index x = first; x < last; ++x)
      rows.back() += p.pixels[static_cast<std::size_t>((y * p.width + x) * p.channels)] > 200 ? '#' : '.';
    if (rows.back().find('#') == std::string::npos) rows.pop_back();
  }
  return rows;
}

}  // namespace

TEST_CASE("caption: text stands under a picture, whose pixels stay as they are") {
  for (const Index channels : {1, 3}) {
    const Picture before = blank(20, 60, channels);
    Picture p = before;
    add_caption(p, "T L");
    CHECK(p.whole());
    CHECK(p.width == 60);
    CHECK(p.height == 20 + 12 + 6);
    CHECK(std::equal(before.pixels.begin(), before.pixels.end(), p.pixels.begin()));
    const auto rows = ink(p, 20, 6, 13);
    REQUIRE(rows.size() >= 6);
    CHECK(rows.front().starts_with("#####"));  // of the T
    CHECK(rows[2] == rows[3]);
  }
}

TEST_CASE(
    "caption: long text is broken at spaces, letters are larger in large pictures, all of ASCII is drawn") {
  Picture narrow = blank(10, 60, 1), wide = blank(10, 400, 1), all = blank(10, 60, 1),
          other = blank(10, 60, 1);
  add_caption(narrow, "step 300, temperature 0.7");
  CHECK(narrow.height == 10 + 4 * 12 + 6);
  add_caption(wide, "step 300, temperature 0.7");
  CHECK(wide.height == 10 + 2 * 12 + 6);  // one line of twice the size
  std::string ascii;
  for (char c = '!'; c <= '~'; ++c) ascii += {c, ' '};
  add_caption(all, ascii);
  CHECK(all.whole());
  add_caption(other, "\x01\xc3\xa9");
  Picture marks = blank(10, 60, 1);
  add_caption(marks, "???");
  CHECK(other.pixels == marks.pixels);
}

TEST_CASE("caption: each column of a grid has a text below its middle") {
  const GridLayout layout = grid_layout(6, {8, 8, 1}, 3);
  Picture grid = blank(layout.height, layout.width, 1);
  const Picture before = grid;
  add_column_captions(grid, layout, {"l", "", "-1.33"});
  CHECK(grid.whole());
  CHECK(grid.height == layout.height + 12 + 6);
  CHECK(std::equal(before.pixels.begin(), before.pixels.end(), grid.pixels.begin()));
  const auto column = [&](const Picture& p, Index i) {
    const Index cell = 48 + layout.border, first = layout.border / 2 + i * cell;
    return ink(p, layout.height, first, first + cell);
  };
  REQUIRE(!column(grid, 0).empty());
  const auto at = static_cast<Index>(column(grid, 0)[0].find('#'));
  CHECK(std::abs(at - (48 + layout.border) / 2) <= 2);
  CHECK(column(grid, 1).empty());
  CHECK(!column(grid, 2).empty());

  // Letters of twice the size where the picture is wide and all texts fit; what is too long is cut off.
  const GridLayout wide = grid_layout(8, {8, 8, 1}, 8);
  Picture large = blank(wide.height, wide.width, 1), usual = large, cut = large;
  add_column_captions(large, wide, {"1", "2"});
  CHECK(large.height == wide.height + 2 * 12 + 6);
  add_column_captions(usual, wide, {"-1.333"});
  CHECK(usual.height == wide.height + 12 + 6);
  add_column_captions(cut, wide, {std::string(100, 'x')});
  CHECK(ink(cut, wide.height, wide.border / 2 + 48 + wide.border, wide.width).empty());
}

TEST_CASE("caption: a picture that would be too large with it is left without") {
  Picture p = blank(most_png_bytes / 16385, 16384, 1);
  const Index height = p.height;
  add_caption(p, "text");
  CHECK(p.height == height);
  add_column_captions(p, {.columns = 1, .rows = 1, .height = height, .width = p.width}, {"text"});
  CHECK(p.height == height);
  CHECK(p.whole());
}

TEST_CASE("caption: each row of a grid has a text to its left") {
  const GridLayout layout = grid_layout(6, {8, 8, 1}, 2);
  const Picture before = blank(layout.height, layout.width, 1);
  Picture grid = before;
  add_row_captions(grid, layout, {"l", "", "ship"});
  CHECK(grid.whole());
  CHECK(grid.height == layout.height);
  const Index left = grid.width - layout.width, cell = 48 + layout.border;
  REQUIRE(left > 12);
  bool same = true;
  for (Index y = 0; y < grid.height; ++y) {
    for (Index x = 0; x < layout.width; ++x)
      same = same && grid.pixels[static_cast<std::size_t>(y * grid.width + left + x)] == 7;
  }
  CHECK(same);
  // Heights at which there is ink.
  std::vector<Index> inked;
  for (Index y = 0; y < grid.height; ++y) {
    const auto row = grid.pixels.begin() + y * grid.width;
    if (*std::max_element(row, row + left) > 200) inked.push_back(y);
  }
  REQUIRE(!inked.empty());
  const auto middle_of = [&](Index row) { return layout.border + row * cell + 24; };
  CHECK(std::abs(inked.front() - middle_of(0)) <= 8);
  for (const Index y : inked) CHECK((std::abs(y - middle_of(0)) <= 8 || std::abs(y - middle_of(2)) <= 8));
  CHECK(std::abs(inked.back() - middle_of(2)) <= 8);

  Picture cut = before;
  add_row_captions(cut, layout, {std::string(200, 'x'), "y", "z"});
  CHECK(cut.width == layout.width + layout.width / 2);

  Picture full = blank(most_png_bytes / 16385, 16384, 1);
  add_row_captions(full, {.columns = 1, .rows = 1, .height = full.height, .width = full.width}, {"text"});
  CHECK(full.width == 16384);
}
