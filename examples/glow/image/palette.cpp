#include "image/palette.hpp"

#include <algorithm>
#include <cmath>

namespace glow::app {

namespace {

constexpr std::size_t most_colours = 256;

// A colour of the picture, how many pixels have it, and its place in the palette.
struct Counted {
  Colour colour;
  std::size_t count;
  std::uint8_t index = 0;
};

std::vector<Colour> colours_of(const Picture& p) {
  std::vector<Colour> colours(static_cast<std::size_t>(p.height * p.width));
  for (std::size_t i = 0; i < colours.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) colours[i][c] = p.pixels[p.channels == 3 ? 3 * i + c : i];
  }
  return colours;
}

// In ascending order.
std::vector<Counted> count(std::vector<Colour> colours) {
  std::sort(colours.begin(), colours.end());
  std::vector<Counted> counted;
  for (const Colour& colour : colours) {
    if (counted.empty() || counted.back().colour != colour) counted.push_back({colour, 0});
    ++counted.back().count;
  }
  return counted;
}

// Colours that will be one.
class Box {
 public:
  using Iterator = std::vector<Counted>::iterator;

  Box(Iterator first, Iterator last) : first_(first), last_(last) {
    double count = 0;
    std::array<double, 3> squares{};
    for (auto i = first; i != last; ++i) {
      count += static_cast<double>(i->count);
      for (std::size_t c = 0; c < 3; ++c) mean_[c] += static_cast<double>(i->count) * i->colour[c];
    }
    for (double& m : mean_) m /= count;
    for (auto i = first; i != last; ++i) {
      for (std::size_t c = 0; c < 3; ++c) {
        const double d = i->colour[c] - mean_[c];
        squares[c] += static_cast<double>(i->count) * d * d;
      }
    }
    axis_ = static_cast<std::size_t>(std::max_element(squares.begin(), squares.end()) - squares.begin());
    deviation_ = first + 1 == last ? 0 : squares[0] + squares[1] + squares[2];
  }

  // Sum of the squared distances from the mean.
  double deviation() const { return deviation_; }

  // The part above the mean, along the axis of the largest deviation, is cut off and returned.
  Box cut() {
    const auto middle =
        std::partition(first_, last_, [&](const Counted& k) { return k.colour[axis_] <= mean_[axis_]; });
    const Box above(middle, last_);
    *this = Box(first_, middle);
    return above;
  }

  // Gives the colours this place in the palette, and returns what stands there.
  Colour put(std::size_t index) {
    for (auto i = first_; i != last_; ++i) i->index = static_cast<std::uint8_t>(index);
    Colour colour;
    for (std::size_t c = 0; c < 3; ++c) colour[c] = static_cast<std::uint8_t>(std::lround(mean_[c]));
    return colour;
  }

 private:
  Iterator first_, last_;
  std::array<double, 3> mean_{};
  std::size_t axis_ = 0;
  double deviation_ = 0;
};

}  // namespace

PalettePicture to_palette(const Picture& p) {
  require<ShapeError>(p.whole(), "palette: a picture of ", p.height, "x", p.width, "x", p.channels, " with ",
                      p.pixels.size(), " bytes");
  const std::vector<Colour> pixels = colours_of(p);
  std::vector<Counted> counted = count(pixels);
  const auto rare = std::partition(counted.begin(), counted.end(), [&](const Counted& c) {
    return counted.size() <= most_colours || c.count * most_colours >= pixels.size();
  });
  std::vector<Box> boxes;
  for (auto i = counted.begin(); i != rare; ++i) boxes.emplace_back(i, i + 1);
  if (rare != counted.end()) boxes.emplace_back(rare, counted.end());
  while (boxes.size() < most_colours) {
    const auto widest = std::max_element(
        boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.deviation() < b.deviation(); });
    if (widest->deviation() == 0) break;
    boxes.push_back(widest->cut());
  }

  PalettePicture picture;
  for (Box& box : boxes) picture.colours.push_back(box.put(picture.colours.size()));
  std::sort(counted.begin(), counted.end(),
            [](const Counted& a, const Counted& b) { return a.colour < b.colour; });
  picture.indices.reserve(pixels.size());
  for (const Colour& colour : pixels) {
    const auto found = std::lower_bound(counted.begin(), counted.end(), colour,
                                        [](const Counted& a, const Colour& b) { return a.colour < b; });
    picture.indices.push_back(found->index);
  }
  return picture;
}

}  // namespace glow::app
