// Rearrangements of the tape, y[i] = x[source(i)], or 0 where source(i) is negative; each written once for
// the host and for kernels. No element of x has two places in y, so that gradients are pulled back by copies
// the other way, in any order.
#pragma once

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::rearrangements {

/// The same elements, under another shape.
struct Same {
  GLOW_HOST_DEVICE Index source(Index i) const { return i; }
};

/// [..., rows, columns] -> [..., columns, rows]
struct Transpose {
  Index rows, columns;
  GLOW_HOST_DEVICE Index source(Index i) const {
    const Index row = i % rows, column = i / rows % columns, matrix = i / rows / columns;
    return (matrix * rows + row) * columns + column;
  }
};

/// A matrix with zeros on and above its diagonal.
struct StrictlyLower {
  Index columns;
  GLOW_HOST_DEVICE Index source(Index i) const { return i % columns < i / columns ? i : -1; }
};

/// A matrix with zeros on and below its diagonal.
struct StrictlyUpper {
  Index columns;
  GLOW_HOST_DEVICE Index source(Index i) const { return i % columns > i / columns ? i : -1; }
};

/// [size] -> [size, size], on the diagonal.
struct Diagonal {
  Index size;
  GLOW_HOST_DEVICE Index source(Index i) const { return i % size == i / size ? i / size : -1; }
};

/// [..., extent] -> [..., count], elements first ... first + count - 1 of each row.
struct Slice {
  Index extent, first, count;
  GLOW_HOST_DEVICE Index source(Index i) const { return i / count * extent + first + i % count; }
};

/// [..., count] -> [..., extent], as elements first ... first + count - 1 of a row of zeros.
struct AmongZeros {
  Index extent, first, count;
  GLOW_HOST_DEVICE Index source(Index i) const {
    const Index place = i % extent - first;
    return place >= 0 && place < count ? i / extent * count + place : -1;
  }
};

/// [N, H, width, channels] -> [N, H/2, width/2, 4 channels], channel (dy * 2 + dx) * channels + c.
struct Squeeze {
  Index width, channels;
  GLOW_HOST_DEVICE Index source(Index i) const {
    const Index channel = i % channels, place = i / channels, dx = place % 2, dy = place / 2 % 2;
    const Index pixel = place / 4;
    const Index column = pixel % (width / 2), row = pixel / (width / 2);  // the row counts through the batch
    return ((2 * row + dy) * width + 2 * column + dx) * channels + channel;
  }
};

/// The inverse of Squeeze; `width` and `channels` are those of its result.
struct Unsqueeze {
  Index width, channels;
  GLOW_HOST_DEVICE Index source(Index i) const {
    const Index channel = i % channels, column = i / channels % width, row = i / channels / width;
    const Index pixel = row / 2 * (width / 2) + column / 2;
    return (pixel * 4 + row % 2 * 2 + column % 2) * channels + channel;
  }
};

}  // namespace glow::rearrangements
