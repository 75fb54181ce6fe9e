// Axes of shapes, as operations on Vars take them: counted from 0, or back from -1, the innermost.
#pragma once

#include <glow/core/shape.hpp>
#include <glow/ops/lines.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

// The axis of x, counted from 0; refuses one that x lacks.
inline int axis_of(const char* name, const Shape& x, int axis) {
  require<ShapeError>(axis >= -x.rank() && axis < x.rank(), name, ": ", x, " has no axis ", axis);
  return axis < 0 ? axis + x.rank() : axis;
}

// The lines of x along an axis that it has.
inline Lines lines_along(const Shape& x, int axis) {
  Lines lines{1, x[axis], 1};
  for (int i = 0; i < axis; ++i) lines.outer *= x[i];
  for (int i = axis + 1; i < x.rank(); ++i) lines.inner *= x[i];
  return lines;
}

// The shape of x with another extent of an axis.
inline Shape with_extent(const Shape& x, int axis, Index extent) {
  Shape shape;
  for (int i = 0; i < x.rank(); ++i) shape.push_back(i == axis ? extent : x[i]);
  return shape;
}

// The shape of x without an axis.
inline Shape without(const Shape& x, int axis) {
  Shape shape;
  for (int i = 0; i < x.rank(); ++i) {
    if (i != axis) shape.push_back(x[i]);
  }
  return shape;
}

}  // namespace glow::detail
