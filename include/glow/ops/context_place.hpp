// Where a layer finds its context: what a sample is conditional on, a vector or an image, beside the pixels
// that the layer works on. Plain enough for kernels to include.
#pragma once

#include <glow/core/error.hpp>
#include <glow/core/host_device.hpp>
#include <glow/core/shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// A context of samples, [N, E] or images [N, H, W, E], beside samples x of h x w pixels (1 x 1 for vectors
/// [N, D]). Every pixel of x reads the whole vector, or the block of H/h x W/w pixels of the image that it
/// stands for, one after another as channels: the pixels that Squeeze would put there, in rows.
struct ContextPlace {
  Index height = 1, width = 1, features = 0;  ///< H, W, E; 1 x 1 for a vector
  Index x_height = 1, x_width = 1;            ///< h, w
  Index step_y = 0, step_x = 0;               ///< from a pixel of x to the next, in pixels of the context
  Index block_y = 1, block_x = 1;             ///< pixels of the context that a pixel of x reads

  /// Channels that a pixel of x reads.
  GLOW_HOST_DEVICE Index channels() const { return block_y * block_x * features; }
  /// Numbers of a sample's context.
  GLOW_HOST_DEVICE Index size() const { return height * width * features; }
  /// True if every pixel of x reads the same numbers.
  GLOW_HOST_DEVICE bool is_shared() const { return step_y == 0; }

  /// Where channel k of pixel p lies, pixels counted through the batch.
  GLOW_HOST_DEVICE Index operator()(Index p, Index k) const {
    const Index row = p / x_width, column = p - row * x_width, n = row / x_height;
    const Index pixel = k / features, dy = pixel / block_x;
    const Index y = (row - n * x_height) * step_y + dy, x = column * step_x + pixel - dy * block_x;
    return ((n * height + y) * width + x) * features + k - pixel * features;
  }
};

/// The place of a context of shape [N, E] or [N, H, W, E], N of any size, beside x [N, h, w, c] or [N, D].
/// Throws ShapeError for one that does not fit x.
inline ContextPlace context_place(const Shape& context, const Shape& x) {
  const bool vectors = x.rank() == 2;
  const Index h = vectors ? 1 : x[1], w = vectors ? 1 : x[2];
  require<ShapeError>(context.rank() == 2 || context.rank() == 4, "context ", context,
                      " must be [N, E] or [N, H, W, E]");
  if (context.rank() == 2) return {1, 1, context[1], h, w, 0, 0, 1, 1};
  const Index by = context[1] / h, bx = context[2] / w;
  require<ShapeError>(by >= 1 && bx >= 1 && by * h == context[1] && bx * w == context[2], "context ", context,
                      ": its height and width must be multiples of those of ", x);
  return {context[1], context[2], context[3], h, w, by, bx, by, bx};
}

}  // namespace glow::ops
