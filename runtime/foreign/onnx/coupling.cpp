#include "foreign/onnx/coupling.hpp"

#include <glow/layers/any_map.hpp>
#include <glow/ops/affine_scale.hpp>

#include "foreign/onnx/spline.hpp"

namespace glow::foreign::onnx {

namespace {

// The convolution of an edge channel's hidden unit, which is always 1: an output more, of zeros and the
// bias 1.
void add_unit_of_one(ConvolutionWeights& w) {
  w.kernel.resize(w.kernel.size() + static_cast<std::size_t>(w.inputs * w.side * w.side));
  w.bias.push_back(1);
  ++w.outputs;
}

// log sigmoid(h + 2) = -softplus(-(h + 2)), given -(h + 2).
Value negative_raw_scale(Graph& g, const Value& h) {
  return negate(g, add(g, h, g.scalar(ops::AffineScale<float>::offset)));
}

// (2 alpha / pi) atan(h / alpha)
Value clamped(Graph& g, const Value& h) {
  constexpr double alpha = ExpAffine::clamp;
  const Value angle = g.node("Atan", {multiply(g, h, g.scalar(static_cast<float>(1 / alpha)))});
  return multiply(g, angle, g.scalar(static_cast<float>(2 * alpha / std::numbers::pi)));
}

Index outputs_of(CouplingMap map) {
  return with_map(AnyMap{map}, []<class M>(M) { return Index{M::outputs}; });
}

}  // namespace

void require_graph(CouplingMap map) {
  using enum CouplingMap;
  require<ShapeError>(map == affine || map == additive || map == exp || map == spline || map == shifted,
                      "onnx: couplings by '", name_of(map), "' have no graph");
}

Mapped map_forward(Graph& g, CouplingMap map, const Value& x, const Value& h, const Extents& changed) {
  if (map == CouplingMap::additive) return {add(g, x, h), {}};
  if (map == CouplingMap::spline) {
    const SplineForward s = spline_forward(g, x, h, changed);
    return {s.y, s.log_scale};
  }
  const auto parts = split_channels(g, h, {changed.channels, changed.channels});
  const Value &mu = parts[0], &raw = parts[1];
  if (map == CouplingMap::exp) {
    const Value s = clamped(g, raw);
    return {add(g, multiply(g, x, exp(g, s)), mu), s};
  }
  const Value a = negative_raw_scale(g, raw), scale = g.node("Sigmoid", {negate(g, a)});
  const Value y =
      map == CouplingMap::shifted ? multiply(g, add(g, x, mu), scale) : add(g, multiply(g, x, scale), mu);
  return {y, negate(g, g.node("Softplus", {a}))};
}

Value map_inverse(Graph& g, CouplingMap map, const Value& y, const Value& h, const Extents& changed) {
  if (map == CouplingMap::additive) return subtract(g, y, h);
  if (map == CouplingMap::spline) return spline_inverse(g, y, h, changed);
  const auto parts = split_channels(g, h, {changed.channels, changed.channels});
  const Value &mu = parts[0], &raw = parts[1];
  if (map == CouplingMap::exp) return multiply(g, subtract(g, y, mu), exp(g, negate(g, clamped(g, raw))));
  const Value one_over = add(g, exp(g, negative_raw_scale(g, raw)), g.scalar(1));
  if (map == CouplingMap::shifted) return subtract(g, multiply(g, y, one_over), mu);
  return multiply(g, subtract(g, y, mu), one_over);
}

CouplingNodes::Halves CouplingNodes::halves(const Value& x) const {
  const bool changed_first = at_.first_changed == 0;
  const auto parts = changed_first ? split_channels(g_, x, {at_.changed, at_.read})
                                   : split_channels(g_, x, {at_.read, at_.changed});
  return changed_first ? Halves{parts[0], parts[1]} : Halves{parts[1], parts[0]};
}

Value CouplingNodes::whole(const Halves& halves) const {
  return at_.first_changed == 0 ? join_channels(g_, {halves.changed, halves.read})
                                : join_channels(g_, {halves.read, halves.changed});
}

Value CouplingNodes::network(const Value& read) const {
  const Index w = a_.width, edge = a_.network.edges, inputs = at_.read + context_ + edge;
  const Index outputs = at_.changed * outputs_of(a_.coupling);
  std::vector<Value> all{read};
  all.insert(all.end(), joined_.begin(), joined_.end());
  auto conv2 = weights_.convolution(name_ + "/conv2", w, w, 1);
  if (edge > 0) add_unit_of_one(conv2);
  Value h = convolve(g_, join_channels(g_, all), "coupling/conv1",
                     weights_.convolution(name_ + "/conv1", inputs, w, 3));
  h = convolve(g_, g_.node("Relu", {h}), "coupling/conv2", conv2);
  return convolve(g_, g_.node("Relu", {h}), "coupling/conv3",
                  weights_.convolution(name_ + "/conv3", w + edge, outputs, 3, 3));
}

Mapped CouplingNodes::forward(const Value& x) const {
  const Halves half = halves(x);
  const Mapped y = map_forward(g_, a_.coupling, half.changed, network(half.read), changed_);
  std::optional<Value> sum;
  if (y.log_scale) sum = sum_per_sample(g_, *y.log_scale);
  return {whole({y.x, half.read}), sum};
}

Value CouplingNodes::inverse(const Value& y) const {
  const Halves half = halves(y);
  return whole({map_inverse(g_, a_.coupling, half.changed, network(half.read), changed_), half.read});
}

}  // namespace glow::foreign::onnx
