// Monotone rational-quadratic spline: within the box [-3, 3] x [-3, 3] a curve through K + 1 knots (x_k, y_k)
// with slopes d_k, outside it y = x. Within bin k, with widths w and heights h between neighbouring knots,
// t = (x - x_k) / w, t' = 1 - t, and the knots' slopes over the bin's, a = d_k w / h and b = d_{k+1} w / h:
//
//   y = y_k + h N / (N + N'),   N = t^2 + a t t',   N' = t'^2 + b t t'
//   dy/dx = (h / w) M / (N + N')^2,   M = b t^2 + 2 t t' + a t'^2
//
// These are equations (4) and (5) of the source divided by h / w; here every term is positive. The inverse,
// with u = (y - y_k) / h and u' = 1 - u, solves u' N = u N' for the ratio r = t / t': u' r^2 + q r - u = 0
// with q = a u' - b u. Its discriminant q^2 + 4 u u' is a sum of positive terms, so it needs no clamp; of
// the root's forms 2 u / (q + sqrt) and (sqrt - q) / (2 u'), the one whose terms have one sign is taken.
// Source: C. Durkan, A. Bekasov, I. Murray, G. Papamakarios, Neural Spline Flows, NeurIPS 2019, section 3.1.
#pragma once

#include <cmath>
#include <string_view>

#include <glow/ops/maps/strided.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// h = (K widths, K heights, K - 1 slopes at the inner knots), raw. The contract of a map is in strided.hpp.
/// Widths and heights are softmax(raw) above a least size, as parts of the box's side (so in nflows, by the
/// source's authors). Slopes are least_slope + softplus(raw + c), with c such that raw 0 is slope 1 (so in
/// distrax; nflows has c = 0 by default, zuko takes exp of a clamped number). At both ends of the box the
/// slope is 1: the map is once continuously differentiable, and the identity where h is 0. Outside the box h
/// is not read.
template <int Bins = 8>
struct RationalQuadratic {
  static constexpr int bins = Bins, outputs = 3 * Bins - 1;
  static constexpr std::string_view name = "spline";
  static constexpr double tail = 3;           ///< the box is [-tail, tail] x [-tail, tail]
  static constexpr double least_size = 1e-3;  ///< of a bin's width and height, as a part of the box's side
  static constexpr double least_slope = 1e-3;

  static_assert(Bins >= 1 && Bins * least_size < 1);

  template <class T, class H>
  GLOW_HOST_DEVICE static T forward(T x, const H& h, T& log_scale) {
    log_scale = 0;
    if (is_outside(x)) return x;
    const Side<T> widths(h, 0), heights(h, Bins);
    const Interval<T> across = widths.around(x), up = heights.interval(across.bin);
    const Curve<T> curve(across, up, Slopes<T>(h, across.bin), across.share_of(x));
    log_scale = curve.log_slope();
    return up.at(curve.n / curve.sum);
  }

  template <class T, class H>
  GLOW_HOST_DEVICE static T inverse(T y, const H& h, T& log_scale) {
    log_scale = 0;
    if (is_outside(y)) return y;
    const Side<T> widths(h, 0), heights(h, Bins);
    const Interval<T> up = heights.around(y), across = widths.interval(up.bin);
    const Slopes<T> slopes(h, up.bin);
    const Share<T> t = solve(across, up, slopes, y);
    log_scale = Curve<T>(across, up, slopes, t).log_slope();
    return across.at(t.below);
  }

  template <class T, class H, class DH>
  GLOW_HOST_DEVICE static T pull(T x, T dy, T dlog, const H& h, DH&& dh) {
    if (is_outside(x)) {
      for (int j = 0; j < outputs; ++j) dh[j] = 0;
      return dy;
    }
    const Side<T> widths(h, 0), heights(h, Bins);
    const Interval<T> across = widths.around(x), up = heights.interval(across.bin);
    return pull_at(widths, heights, across, up, Slopes<T>(h, across.bin), across.share_of(x), dy, dlog, dh);
  }

  /// inverse and pull in one: y -> x and dy -> dx in place.
  template <class T, class H, class DH>
  GLOW_HOST_DEVICE static void pull_back(T& y, T& dy, T dlog, const H& h, DH&& dh) {
    if (is_outside(y)) {
      for (int j = 0; j < outputs; ++j) dh[j] = 0;
      return;
    }
    const Side<T> widths(h, 0), heights(h, Bins);
    const Interval<T> up = heights.around(y), across = widths.interval(up.bin);
    const Slopes<T> slopes(h, up.bin);
    const Share<T> t = solve(across, up, slopes, y);
    y = across.at(t.below);
    dy = pull_at(widths, heights, across, up, slopes, t, dy, dlog, dh);
  }

  /// What these functions take of h may have been computed before, for many numbers at a time: where
  /// h has `exponential(j)`, exp(h[j] - the largest of its side), and for j = 2 K ... 3 K - 2 also
  /// `decay(j)`, exp(-|a|), and `log1p(j)`, log(1 + exp(-|a|)), with a = raw_slope(h[j]).
  template <class H>
  static constexpr bool is_prepared = requires(const H& h) {
    h.exponential(0);
  };

  /// The number whose softplus a slope is, less least_slope.
  template <class T>
  GLOW_HOST_DEVICE static T raw_slope(T h) {
    constexpr double start = 0.53974241723695208;  // log(exp(1 - least_slope) - 1)
    constexpr double most = 1e15;                  // the square of a slope in a flat bin is still a float
    return (h > T(most) ? T(most) : h) + T(start);
  }

 private:
  // False for what is not a number, which then goes through the arithmetic of the spline.
  template <class T>
  GLOW_HOST_DEVICE static bool is_outside(T v) {
    return v < -T(tail) || v > T(tail);
  }

  template <class T>
  struct Share;
  template <class T>
  struct Interval;
  template <class T>
  struct Side;
  template <class T>
  struct Slopes;
  template <class T>
  struct Curve;

  // Where the curve of a bin is at y.
  template <class T>
  GLOW_HOST_DEVICE static Share<T> solve(const Interval<T>& across, const Interval<T>& up,
                                         const Slopes<T>& slopes, T y) {
    const Share<T> u = up.share_of(y);
    const T w_over_h = across.size() / up.size();
    const T q = slopes.low * w_over_h * u.above - slopes.high * w_over_h * u.below;
    const T root = std::sqrt(q * q + 4 * u.below * u.above);
    const T below = q > 0 ? 2 * u.below : root - q, above = q > 0 ? q + root : 2 * u.above;
    return {below / (below + above), above / (below + above)};
  }

  // `pull` at t of a bin.
  template <class T, class DH>
  GLOW_HOST_DEVICE static T pull_at(const Side<T>& widths, const Side<T>& heights, const Interval<T>& across,
                                    const Interval<T>& up, const Slopes<T>& slopes, const Share<T>& t, T dy,
                                    T dlog, DH&& dh) {
    const Curve<T> c(across, up, slopes, t);

    // The loss's derivatives by a, b and t, then by the logarithm of w / h, which a and b are multiples of.
    const T rise = c.n / c.sum, fall = c.n_above / c.sum, dy_h = dy * up.size();
    const T product = t.below * t.above / c.sum;
    const T d_a = product * (dy_h * fall - 2 * dlog) + dlog * (t.above * t.above / c.m);
    const T d_b = product * (-dy_h * rise - 2 * dlog) + dlog * (t.below * t.below / c.m);
    const T to_middle = t.above - t.below;
    const T d_log_m = 2 * (c.b * t.below - c.a * t.above + to_middle) / c.m;
    const T d_log_sum = to_middle * (c.a + c.b - 2) / c.sum;
    const T d_t = dy_h * (c.m / c.sum / c.sum) + dlog * (d_log_m - 2 * d_log_sum);
    const T d_log_ratio = c.a * d_a + c.b * d_b - dlog;

    const T w = across.size(), w_over_h = w / up.size();
    const T d_low_x = -(d_t * t.above + d_log_ratio) / w, d_high_x = (d_log_ratio - d_t * t.below) / w;
    const T d_low_y = dy * fall + d_log_ratio / up.size(), d_high_y = dy * rise - d_log_ratio / up.size();
    const T d_low_slope = d_a * w_over_h * slopes.low_by_raw,
            d_high_slope = d_b * w_over_h * slopes.high_by_raw;
    for (int j = 0; j < Bins; ++j) {
      dh[j] = widths.pull(j, across, d_low_x, d_high_x);
      dh[Bins + j] = heights.pull(j, up, d_low_y, d_high_y);
    }
    for (int knot = 1; knot < Bins; ++knot) {
      dh[2 * Bins + knot - 1] = knot == across.bin       ? d_low_slope
                                : knot == across.bin + 1 ? d_high_slope
                                                         : T(0);
    }
    return d_t / w;
  }

  // How far a number is from both ends of an interval, as parts of its size: each from its own end, so that
  // the smaller one keeps its digits.
  template <class T>
  struct Share {
    T below, above;
  };

  // A bin's extent on one axis, and the sums of softmax(raw) at its ends.
  template <class T>
  struct Interval {
    int bin;
    T low, high;
    T sum_low, sum_high;

    GLOW_HOST_DEVICE T size() const { return high - low; }
    GLOW_HOST_DEVICE Share<T> share_of(T v) const { return {(v - low) / size(), (high - v) / size()}; }
    GLOW_HOST_DEVICE T at(T share) const {
      const T v = low + size() * share;
      return v > high ? high : v;  // rounding takes no number out of its bin
    }
  };

  // A side of the box, cut into bins.
  template <class T>
  struct Side {
    T part[Bins];  // softmax(raw)

    template <class H>
    GLOW_HOST_DEVICE Side(const H& h, int first) {
      T sum = 0;
      if constexpr (is_prepared<H>) {
        for (int j = 0; j < Bins; ++j) sum += part[j] = h.exponential(first + j);
      } else {
        T most = h[first];
        for (int j = 1; j < Bins; ++j) most = h[first + j] > most ? T(h[first + j]) : most;
        for (int j = 0; j < Bins; ++j) sum += part[j] = std::exp(h[first + j] - most);
      }
      for (int j = 0; j < Bins; ++j) part[j] /= sum;
    }

    // The bin with the last knot of those that `is_below(knot's number, place)`: a count, so it is always one
    // of the K. All indices are known to the compiler, which can keep `part` in registers.
    template <class F>
    GLOW_HOST_DEVICE Interval<T> last_bin(F is_below) const {
      Interval<T> found{0, -T(tail), T(tail), T(0), T(1)};
      T sum = 0;
      for (int knot = 1; knot < Bins; ++knot) {
        sum += part[knot - 1];
        const T size = T(knot * least_size) + T(1 - Bins * least_size) * sum;
        const T place = T(tail) * (2 * size - 1);
        if (is_below(knot, place)) {
          found.bin = knot;
          found.low = place;
          found.sum_low = sum;
        } else if (found.bin == knot - 1) {
          found.high = place;
          found.sum_high = sum;
        }
      }
      return found;
    }
    GLOW_HOST_DEVICE Interval<T> around(T v) const {
      return last_bin([v](int, T place) { return v >= place; });
    }
    GLOW_HOST_DEVICE Interval<T> interval(int bin) const {
      return last_bin([bin](int knot, T) { return knot <= bin; });
    }

    // The gradient of raw number j from those of the ends of a bin.
    GLOW_HOST_DEVICE T pull(int j, const Interval<T>& i, T d_low, T d_high) const {
      const T by_low = (j < i.bin ? T(1) : T(0)) - i.sum_low,
              by_high = (j <= i.bin ? T(1) : T(0)) - i.sum_high;
      return T(2 * tail * (1 - Bins * least_size)) * part[j] * (by_low * d_low + by_high * d_high);
    }
  };

  // The slopes at both ends of a bin, and their derivatives by their raw numbers.
  template <class T>
  struct Slopes {
    T low, high;
    T low_by_raw, high_by_raw;

    template <class H>
    GLOW_HOST_DEVICE Slopes(const H& h, int bin) {
      if constexpr (is_prepared<H>) {
        low = prepared_slope(h, bin, low_by_raw);
        high = prepared_slope(h, bin + 1, high_by_raw);
        return;
      }
      T raw_low = 0, raw_high = 0;  // slope 1, as at both ends of the box
      for (int knot = 1; knot < Bins; ++knot) {
        const T raw = h[2 * Bins + knot - 1];
        raw_low = knot == bin ? raw : raw_low;
        raw_high = knot == bin + 1 ? raw : raw_high;
      }
      low = slope(raw_low, low_by_raw);
      high = slope(raw_high, high_by_raw);
    }

    GLOW_HOST_DEVICE static T slope(T raw, T& by_raw) {
      const T a = raw_slope(raw), e = std::exp(-std::abs(a));
      return slope(a, e, std::log1p(e), by_raw);
    }
    // softplus(a) and its derivative, given e = exp(-|a|) and log(1 + e).
    GLOW_HOST_DEVICE static T slope(T a, T e, T log1p, T& by_raw) {
      by_raw = (a > 0 ? T(1) : e) / (1 + e);
      return T(least_slope) + (a > 0 ? a : T(0)) + log1p;
    }
    template <class H>
    GLOW_HOST_DEVICE static T prepared_slope(const H& h, int knot, T& by_raw) {
      by_raw = 0;
      if (knot == 0 || knot == Bins) return 1;
      const int j = 2 * Bins + knot - 1;
      return slope(raw_slope(T(h[j])), h.decay(j), h.log1p(j), by_raw);
    }
  };

  // The curve of a bin at t, in the names of the equations above.
  template <class T>
  struct Curve {
    T slope;  // h / w
    T a, b, n, n_above, sum, m;

    GLOW_HOST_DEVICE Curve(const Interval<T>& across, const Interval<T>& up, const Slopes<T>& slopes,
                           const Share<T>& t)
        : slope(up.size() / across.size()), a(slopes.low / slope), b(slopes.high / slope) {
      const T product = t.below * t.above;
      n = t.below * t.below + a * product;
      n_above = t.above * t.above + b * product;
      sum = n + n_above;
      m = b * (t.below * t.below) + 2 * product + a * (t.above * t.above);
    }
    GLOW_HOST_DEVICE T log_slope() const { return std::log(slope * (m / sum / sum)); }
  };
};

}  // namespace glow
