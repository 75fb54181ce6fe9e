// Operators of ONNX on images [N, C, H, W], which is how its convolutions take them.
#pragma once

#include "foreign/onnx/graph.hpp"
#include "foreign/onnx/weights.hpp"

namespace glow::foreign::onnx {

using Value = Graph::Value;

/// Extents of a sample within a graph.
struct Extents {
  Index channels, height, width;

  Dims nchw() const { return {batch, channels, height, width}; }
  Dims nhwc() const { return {batch, height, width, channels}; }
  /// After Squeeze.
  Extents squeezed() const { return {4 * channels, height / 2, width / 2}; }
};

/// Element by element; extents of 1 are repeated.
inline Value add(Graph& g, const Value& a, const Value& b) { return g.node("Add", {a, b}); }
inline Value subtract(Graph& g, const Value& a, const Value& b) { return g.node("Sub", {a, b}); }
inline Value multiply(Graph& g, const Value& a, const Value& b) { return g.node("Mul", {a, b}); }
inline Value divide(Graph& g, const Value& a, const Value& b) { return g.node("Div", {a, b}); }
inline Value negate(Graph& g, const Value& a) { return g.node("Neg", {a}); }
inline Value exp(Graph& g, const Value& a) { return g.node("Exp", {a}); }

/// x * w with zeros around the image.
inline Value convolve(Graph& g, const Value& x, const std::string& name, const ConvolutionWeights& w) {
  const Value kernel = g.floats(name + "/kernel", {w.outputs, w.inputs, w.side, w.side}, w.kernel),
              bias = g.floats(name + "/bias", {w.outputs}, w.bias);
  const Index pad = w.side / 2;
  return g.node("Conv", {x, kernel, bias}, {{"pads", {}, {pad, pad, pad, pad}}});
}

/// The channels in parts.
inline std::vector<Value> split_channels(Graph& g, const Value& x, const Dims& parts) {
  return g.nodes("Split", {x, g.integers(parts)}, parts.size(), {{"axis", 1, {}}});
}

inline Value join_channels(Graph& g, const std::vector<Value>& parts) {
  return parts.size() == 1 ? parts.front() : g.node("Concat", parts, {{"axis", 1, {}}});
}

/// [N] of [N, C, H, W].
inline Value sum_per_sample(Graph& g, const Value& x) {
  return g.node("ReduceSum", {x, g.integers({1, 2, 3})}, {{"keepdims", 0, {}}});
}

inline Value transpose(Graph& g, const Value& x, const Dims& axes, const std::string& name = "") {
  return g.node("Transpose", {x}, {{"perm", {}, axes}}, name);
}
inline Value reshape(Graph& g, const Value& x, const Dims& dims) {
  return g.node("Reshape", {x, g.integers(dims)});
}

inline Value from_nhwc(Graph& g, const Value& x) { return transpose(g, x, {0, 3, 1, 2}); }
inline Value to_nhwc(Graph& g, const Value& x, const std::string& name) {
  return transpose(g, x, {0, 2, 3, 1}, name);
}

/// Squeeze of x, which has extents e.
inline Value squeeze(Graph& g, const Value& x, const Extents& e) {
  const Value blocks = reshape(g, x, {batch, e.channels, e.height / 2, 2, e.width / 2, 2});
  return reshape(g, transpose(g, blocks, {0, 3, 5, 1, 2, 4}), e.squeezed().nchw());
}
/// The inverse, with x of extents e.
inline Value unsqueeze(Graph& g, const Value& y, const Extents& e) {
  const Value blocks = reshape(g, y, {batch, 2, 2, e.channels, e.height / 2, e.width / 2});
  return reshape(g, transpose(g, blocks, {0, 3, 4, 1, 5, 2}), e.nchw());
}

}  // namespace glow::foreign::onnx
