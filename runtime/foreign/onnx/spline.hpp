// The map RationalQuadratic<8> (ops/maps/rational_quadratic.hpp) as nodes of ONNX, whose names this has.
#pragma once

#include "foreign/onnx/operators.hpp"

namespace glow::foreign::onnx {

/// x, which changes, of extents e, by h [N, 23 C, H, W] -> y, and the logarithm of each number's scale.
struct SplineForward {
  Value y, log_scale;
};
SplineForward spline_forward(Graph& g, const Value& x, const Value& h, const Extents& e);

/// y -> x
Value spline_inverse(Graph& g, const Value& y, const Value& h, const Extents& e);

}  // namespace glow::foreign::onnx
