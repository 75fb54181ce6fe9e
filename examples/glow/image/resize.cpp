#include "image/resize.hpp"

#include <algorithm>
#include <cmath>

namespace glow::app {

double shrinkage(Index height, Index width, Index new_height, Index new_width) {
  return std::min(static_cast<double>(height) / static_cast<double>(new_height),
                  static_cast<double>(width) / static_cast<double>(new_width));
}

std::vector<Resizer::Cover> Resizer::covers(Index from, double start, double length, Index to) {
  std::vector<Cover> all;
  const double step = length / static_cast<double>(to);
  for (Index i = 0; i < to; ++i) {
    const double low = start + step * static_cast<double>(i), high = low + step;
    const Index first = std::clamp(static_cast<Index>(std::floor(low)), Index{0}, from - 1);
    const Index last = std::clamp(static_cast<Index>(std::ceil(high)), first + 1, from);
    Cover c{first, {}};
    for (Index p = first; p < last; ++p) {
      const double overlap =
          std::min(high, static_cast<double>(p + 1)) - std::max(low, static_cast<double>(p));
      c.weights.push_back(std::max(overlap, 0.0) / step);
    }
    all.push_back(std::move(c));
  }
  return all;
}

Resizer::Resizer(Index height, Index width, Index channels, Index new_height, Index new_width)
    : channels_(channels) {
  require<ShapeError>(
      height >= 1 && width >= 1 && (channels == 1 || channels == 3) && new_height >= 1 && new_width >= 1,
      "resize: a picture of ", height, "x", width, " cannot become ", new_height, "x", new_width);
  const double shrunk = shrinkage(height, width, new_height, new_width);
  const double cut_height = shrunk * static_cast<double>(new_height);
  const double cut_width = shrunk * static_cast<double>(new_width);
  rows_ = covers(height, (static_cast<double>(height) - cut_height) / 2, cut_height, new_height);
  columns_ = covers(width, (static_cast<double>(width) - cut_width) / 2, cut_width, new_width);
  line_.resize(static_cast<std::size_t>(new_width * channels));
  sums_.resize(static_cast<std::size_t>(new_height) * line_.size());
}

void Resizer::add(const std::uint8_t* row) {
  const Index y = next_++;
  const auto ended = [&](const Cover& c) { return c.first + static_cast<Index>(c.weights.size()) <= y; };
  while (begun_ < rows_.size() && ended(rows_[begun_])) ++begun_;
  if (begun_ == rows_.size() || rows_[begun_].first > y) return;  // cut off

  auto to = line_.begin();
  for (const Cover& column : columns_) {
    const std::uint8_t* from = row + column.first * channels_;
    for (Index c = 0; c < channels_; ++c) {
      double sum = 0;
      for (std::size_t x = 0; x < column.weights.size(); ++x)
        sum += column.weights[x] * from[static_cast<Index>(x) * channels_ + c];
      *to++ = sum;
    }
  }
  for (std::size_t r = begun_; r < rows_.size() && rows_[r].first <= y; ++r) {
    if (ended(rows_[r])) continue;
    const double weight = rows_[r].weights[static_cast<std::size_t>(y - rows_[r].first)];
    double* const sums = sums_.data() + r * line_.size();
    for (std::size_t i = 0; i < line_.size(); ++i) sums[i] += weight * line_[i];
  }
}

Picture Resizer::picture() const {
  Picture p{static_cast<Index>(rows_.size()), static_cast<Index>(columns_.size()), channels_, {}};
  p.pixels.reserve(sums_.size());
  // Means of one half go up on every machine, however the sum was rounded.
  for (const double sum : sums_)
    p.pixels.push_back(static_cast<std::uint8_t>(std::clamp(std::lround(sum + 1e-6), 0L, 255L)));
  return p;
}

Picture resize(const Picture& p, Index height, Index width) {
  Resizer resizer(p.height, p.width, p.channels, height, width);
  require<ShapeError>(p.whole(), "resize: a picture of ", p.height, "x", p.width, "x", p.channels, " has ",
                      p.pixels.size(), " bytes");
  for (Index y = 0; y < p.height; ++y) resizer.add(p.pixels.data() + y * p.width * p.channels);
  return resizer.picture();
}

}  // namespace glow::app
