// Pictures brought to another size.
#pragma once

#include "image/picture.hpp"

namespace glow::app {

/// The middle of a picture, cut to the ratio of the new height and width, then shrunk or enlarged: each new
/// pixel is the mean over the area that it covers, one half rounded up. The picture is given row by row, and
/// only the new one is kept.
class Resizer {
 public:
  /// Throws ShapeError for an empty picture or size, or channels other than 1 and 3.
  Resizer(Index height, Index width, Index channels, Index new_height, Index new_width);

  /// The next row of the picture, width x channels bytes.
  void add(const std::uint8_t* row);
  /// The new picture, once all rows are added.
  Picture picture() const;

 private:
  // Which old pixels a new one covers along an axis, and how much of each.
  struct Cover {
    Index first;
    std::vector<double> weights;  // sum 1
  };
  static std::vector<Cover> covers(Index from, double start, double length, Index to);

  Index channels_;
  std::vector<Cover> rows_, columns_;
  std::vector<double> line_;  // the added row, at the new width
  std::vector<double> sums_;  // [new height, new width, channels]
  std::size_t begun_ = 0;     // new rows before this one are complete
  Index next_ = 0;            // the row to come
};

/// The same of a picture in memory. Throws ShapeError for an empty picture or size.
Picture resize(const Picture& picture, Index height, Index width);

/// How often the extents of a picture of height x width, cut to the ratio new_height : new_width, hold those
/// of the new one.
double shrinkage(Index height, Index width, Index new_height, Index new_width);

}  // namespace glow::app
