#include "foreign/onnx/spline.hpp"

#include <glow/ops/maps/rational_quadratic.hpp>

namespace glow::foreign::onnx {

namespace {

using Map = RationalQuadratic<8>;
constexpr Index bins = Map::bins;
constexpr auto tail = static_cast<float>(Map::tail);

// Values are [N, n, P], where P numbers of a sample change: n is 8 of all bins, 7 of inner knots, 1 of the
// bin that a number is in.
class Spline {
 public:
  Spline(Graph& g, const Value& h, const Extents& e)
      : g_(g), e_(e), numbers_(e.channels * e.height * e.width) {
    const Value rows = reshape(g, h, {batch, Map::outputs, numbers_});
    const auto raw = g.nodes("Split", {rows, g.integers({bins, bins, bins - 1})}, 3, {{"axis", 1, {}}});
    widths_ = softmax(raw[0]), heights_ = softmax(raw[1]);
    const float start = Map::raw_slope(0.0F);
    slopes_ = add(g, g.node("Softplus", {add(g, raw[2], g.scalar(start))}),
                  g.scalar(static_cast<float>(Map::least_slope)));
  }

  Value rows(const Value& x) const { return reshape(g_, x, {batch, 1, numbers_}); }
  Value image(const Value& rows) const { return reshape(g_, rows, e_.nchw()); }

  // The bin that numbers [N, 1, P] are in, on the axis of x or of y.
  void locate(const Value& x, bool on_y) {
    const Value inner = knots(on_y ? heights_ : widths_, "inner_knots", 1, bins);
    const Value above = g_.node("Cast", {g_.node("GreaterOrEqual", {x, inner})}, {{"to", 1, {}}});
    // Of bin b: whether x is above its lower knot, less whether it is above its upper one.
    std::vector<float> differences(bins * (bins - 1)), first(bins);
    for (Index b = 0; b < bins; ++b) {
      if (b > 0) differences[static_cast<std::size_t>(b * (bins - 1) + b - 1)] = 1;
      if (b < bins - 1) differences[static_cast<std::size_t>(b * (bins - 1) + b)] = -1;
    }
    first[0] = 1;
    const Value matrix = g_.floats("bin", {bins, bins - 1}, differences);
    bin_ = add(g_, g_.node("MatMul", {matrix, above}), g_.floats("first_bin", {bins, 1}, first));
    low_x = chosen(knots(widths_, "low_knots", 0, bins)),
    high_x = chosen(knots(widths_, "high_knots", 1, bins + 1));
    low_y = chosen(knots(heights_, "low_knots", 0, bins)),
    high_y = chosen(knots(heights_, "high_knots", 1, bins + 1));
    width = subtract(g_, high_x, low_x), height = subtract(g_, high_y, low_y);
    // At both ends of the box the slope is 1.
    const auto from_low = split_channels(g_, bin_, {1, bins - 1}),
               from_high = split_channels(g_, bin_, {bins - 1, 1});
    low_slope = add(g_, from_low[0], sum(multiply(g_, from_low[1], slopes_)));
    high_slope = add(g_, from_high[1], sum(multiply(g_, from_high[0], slopes_)));
  }

  Value low_x, high_x, low_y, high_y, width, height, low_slope, high_slope;

  // log(dy/dx) at t = below of the bin's width, 1 - t = above; in `share` that of y in the bin's height.
  Value log_slope(const Value& below, const Value& above, Value& share) const {
    const Value slope = divide(g_, height, width);
    const Value a = divide(g_, low_slope, slope), b = divide(g_, high_slope, slope);
    const Value product = multiply(g_, below, above), t2 = multiply(g_, below, below),
                u2 = multiply(g_, above, above);
    const Value n = add(g_, t2, multiply(g_, a, product)), n_above = add(g_, u2, multiply(g_, b, product));
    const Value all = add(g_, n, n_above);
    const Value m =
        add(g_, add(g_, multiply(g_, b, t2), multiply(g_, a, u2)), multiply(g_, product, g_.scalar(2)));
    share = divide(g_, n, all);
    return g_.node("Log", {multiply(g_, slope, divide(g_, divide(g_, m, all), all))});
  }

  // `inside` within the box, `outside` outside of it.
  Value by_place(const Value& x, const Value& outside, const Value& inside) const {
    return g_.node("Where", {g_.node("Greater", {g_.node("Abs", {x}), g_.scalar(tail)}), outside, inside});
  }

 private:
  Value softmax(const Value& raw) const { return g_.node("Softmax", {raw}, {{"axis", 1, {}}}); }
  Value sum(const Value& x) const {
    return g_.node("ReduceSum", {x, g_.integers({1})}, {{"keepdims", 1, {}}});
  }
  Value chosen(const Value& of_bins) const { return sum(multiply(g_, bin_, of_bins)); }

  // The places of knots first ... last - 1, sums of the bins' parts of the box.
  Value knots(const Value& parts, const char* name, Index first, Index last) const {
    std::vector<float> matrix, least;
    for (Index knot = first; knot < last; ++knot) {
      for (Index b = 0; b < bins; ++b)
        matrix.push_back(b < knot ? static_cast<float>(2 * Map::tail * (1 - bins * Map::least_size)) : 0.0F);
      least.push_back(static_cast<float>(Map::tail * (2 * static_cast<double>(knot) * Map::least_size - 1)));
    }
    const Value sums = g_.node("MatMul", {g_.floats(name, {last - first, bins}, matrix), parts});
    return add(g_, sums, g_.floats(name, {last - first, 1}, least));
  }

  Graph& g_;
  Extents e_;
  Index numbers_;
  Value widths_, heights_, slopes_, bin_;
};

}  // namespace

SplineForward spline_forward(Graph& g, const Value& x, const Value& h, const Extents& e) {
  Spline s(g, h, e);
  const Value rows = s.rows(x);
  s.locate(rows, false);
  Value share;
  const Value log_slope = s.log_slope(divide(g, subtract(g, rows, s.low_x), s.width),
                                      divide(g, subtract(g, s.high_x, rows), s.width), share);
  const Value y = add(g, s.low_y, multiply(g, s.height, share));
  return {s.image(s.by_place(rows, rows, y)), s.image(s.by_place(rows, g.scalar(0), log_slope))};
}

Value spline_inverse(Graph& g, const Value& y, const Value& h, const Extents& e) {
  Spline s(g, h, e);
  const Value rows = s.rows(y);
  s.locate(rows, true);
  const Value u = divide(g, subtract(g, rows, s.low_y), s.height),
              above = divide(g, subtract(g, s.high_y, rows), s.height);
  const Value ratio = divide(g, s.width, s.height);
  const Value q = subtract(g, multiply(g, multiply(g, s.low_slope, ratio), above),
                           multiply(g, multiply(g, s.high_slope, ratio), u));
  const Value two = g.scalar(2), two_u = multiply(g, u, two), two_above = multiply(g, above, two);
  const Value root = g.node("Sqrt", {add(g, multiply(g, q, q), multiply(g, two_u, two_above))});
  const Value is_positive = g.node("Greater", {q, g.scalar(0)});
  // The root whose terms have one sign.
  const Value t = g.node("Where", {is_positive, two_u, subtract(g, root, q)}),
              rest = g.node("Where", {is_positive, add(g, root, q), two_above});
  const Value x = add(g, s.low_x, multiply(g, s.width, divide(g, t, add(g, t, rest))));
  return s.image(s.by_place(rows, rows, x));
}

}  // namespace glow::foreign::onnx
