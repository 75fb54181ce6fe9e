#include "image/caption.hpp"

#include <algorithm>
#include <cstring>
#include <sstream>

#include <stb/stb_easy_font.h>

namespace glow::app {

namespace {

constexpr Index line_height = 12;  // of the font
constexpr Index margin = 6;
constexpr std::uint8_t paper = 96, ink = 240;  // the paper is that of grids

// Pixels of a picture for one of the font's.
Index scale_of(const Picture& picture) { return picture.width < 256 ? 1 : 2; }

Index width_of(std::string line) { return stb_easy_font_width(line.data()); }

// The words of `text` in lines of up to `width` pixels of the font, a word that is longer in one of its own.
std::vector<std::string> lines_of(const std::string& text, Index width) {
  std::vector<std::string> lines(1);
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
    if (lines.back().empty() || width_of(longer) <= width) {
      lines.back() = longer;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

// What is not printable ASCII becomes '?'.
std::string printable(std::string text) {
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

// Adds a strip for `lines` lines in letters of size `scale`; false if the picture would be too large with it.
bool add_strip(Picture& picture, Index lines, Index scale) {
  const Index strip = lines * line_height * scale + margin;
  if ((picture.width * picture.channels + 1) * (picture.height + strip) > most_png_bytes) return false;
  picture.height += strip;
  picture.pixels.resize(static_cast<std::size_t>(picture.height * picture.width * picture.channels), paper);
  return true;
}

// Adds a strip of this width to the left; false if the picture would be too large with it.
bool add_strip_at_left(Picture& picture, Index strip) {
  const Index width = picture.width + strip;
  if ((width * picture.channels + 1) * picture.height > most_png_bytes) return false;
  Picture wide{picture.height, width, picture.channels, {}};
  wide.pixels.resize(static_cast<std::size_t>(wide.height * width * wide.channels), paper);
  for (Index y = 0; y < picture.height; ++y) {
    std::copy_n(picture.pixels.begin() + y * picture.width * picture.channels,
                picture.width * picture.channels,
                wide.pixels.begin() + (y * width + strip) * picture.channels);
  }
  picture = std::move(wide);
  return true;
}

Index widest_of(const std::vector<std::string>& texts) {
  Index widest = 0;
  for (const std::string& text : texts) widest = std::max(widest, width_of(printable(text)));
  return widest;
}

// Where a line is drawn: its upper left corner, the size of its letters, and where it is cut off.
struct Place {
  Index top, left, scale, right;
};

// Draws a line in the font.
void draw(Picture& picture, std::string line, const Place& at) {
  struct Vertex {
    float x, y, z;
    std::uint8_t colour[4];
  };
  struct Quad {
    Vertex upper_left, upper_right, lower_right, lower_left;
  };
  std::vector<Quad> quads(16 * line.size());  // a letter takes at most 11
  const int count = stb_easy_font_print(0, 0, line.data(), nullptr, quads.data(),
                                        static_cast<int>(quads.size() * sizeof(Quad)));
  const auto place = [&](float v, Index from) { return from + at.scale * static_cast<Index>(v); };
  for (int q = 0; q < count; ++q) {
    const Quad& quad = quads[static_cast<std::size_t>(q)];
    const Index bottom = std::min(place(quad.lower_right.y, at.top), picture.height);
    const Index left = place(quad.upper_left.x, at.left),
                right = std::min(place(quad.lower_right.x, at.left), at.right);
    for (Index y = place(quad.upper_left.y, at.top); y < bottom && left < right; ++y) {
      const auto row = picture.pixels.begin() + y * picture.width * picture.channels;
      std::fill(row + left * picture.channels, row + right * picture.channels, ink);
    }
  }
}

}  // namespace

void add_caption(Picture& picture, const std::string& text) {
  const Index scale = scale_of(picture), top = picture.height;
  const auto lines = lines_of(printable(text), (picture.width - 2 * margin) / scale);
  if (!add_strip(picture, static_cast<Index>(lines.size()), scale)) return;
  for (std::size_t i = 0; i < lines.size(); ++i)
    draw(picture, lines[i],
         {top + static_cast<Index>(i) * line_height * scale, margin, scale, picture.width});
}

void add_column_captions(Picture& grid, const GridLayout& layout, const std::vector<std::string>& texts) {
  const Index column = (layout.width - layout.border) / layout.columns, top = grid.height;
  const Index scale = scale_of(grid) * widest_of(texts) <= column ? scale_of(grid) : 1;
  if (!add_strip(grid, 1, scale)) return;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string text = printable(texts[i]);
    const Index first = layout.border / 2 + static_cast<Index>(i) * column;
    const Index left = first + std::max(Index{0}, (column - scale * width_of(text)) / 2);
    draw(grid, text, {top, left, scale, std::min(first + column, grid.width)});
  }
}

void add_row_captions(Picture& grid, const GridLayout& layout, const std::vector<std::string>& texts) {
  const Index row = (layout.height - layout.border) / layout.rows, widest = widest_of(texts);
  const Index large = scale_of(grid), most = grid.width / 2;
  const Index scale = large * line_height <= row && margin + large * widest <= most ? large : 1;
  const Index strip = std::min(margin + scale * widest, most);
  if (!add_strip_at_left(grid, strip)) return;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Index middle = layout.border / 2 + static_cast<Index>(i) * row + (row + 1) / 2;
    draw(grid, printable(texts[i]), {middle - scale * line_height / 2, margin, scale, strip});
  }
}

}  // namespace glow::app
