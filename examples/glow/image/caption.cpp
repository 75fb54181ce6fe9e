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

// Draws a line in the font with its upper left corner at (top, margin); what lies outside of the picture is
// cut off.
void draw(Picture& picture, std::string line, Index top) {
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
  const auto place = [scale = scale_of(picture)](float v, Index from) {
    return from + scale * static_cast<Index>(v);
  };
  for (int q = 0; q < count; ++q) {
    const Quad& quad = quads[static_cast<std::size_t>(q)];
    const Index bottom = std::min(place(quad.lower_right.y, top), picture.height);
    const Index left = place(quad.upper_left.x, margin),
                right = std::min(place(quad.lower_right.x, margin), picture.width);
    for (Index y = place(quad.upper_left.y, top); y < bottom && left < right; ++y) {
      const auto row = picture.pixels.begin() + y * picture.width * picture.channels;
      std::fill(row + left * picture.channels, row + right * picture.channels, ink);
    }
  }
}

}  // namespace

void add_caption(Picture& picture, const std::string& text) {
  std::string printable = text;
  for (char& c : printable) {
    if (c < ' ' || c > '~') c = '?';
  }
  const Index scale = scale_of(picture), top = picture.height;
  const auto lines = lines_of(printable, (picture.width - 2 * margin) / scale);
  const Index strip = static_cast<Index>(lines.size()) * line_height * scale + margin;
  if ((picture.width * picture.channels + 1) * (picture.height + strip) > most_png_bytes) return;
  picture.height += strip;
  picture.pixels.resize(static_cast<std::size_t>(picture.height * picture.width * picture.channels), paper);
  for (std::size_t i = 0; i < lines.size(); ++i)
    draw(picture, lines[i], top + static_cast<Index>(i) * line_height * scale);
}

}  // namespace glow::app
