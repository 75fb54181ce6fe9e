// What the tests of maps share.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <tuple>

#include <glow/ops/maps/additive.hpp>
#include <glow/ops/maps/exp_affine.hpp>
#include <glow/ops/maps/rational_quadratic.hpp>
#include <glow/ops/maps/shifted_affine.hpp>
#include <glow/ops/maps/sigmoid_affine.hpp>

#include "catch.hpp"

namespace glow::test {

template <class M, class T>
struct Of {
  using Map = M;
  using Number = T;
};
using Spline = RationalQuadratic<8>;
using EveryMap =
    std::tuple<Of<Additive, float>, Of<Additive, double>, Of<SigmoidAffine, float>, Of<SigmoidAffine, double>,
               Of<ShiftedAffine, float>, Of<ShiftedAffine, double>, Of<ExpAffine, float>,
               Of<ExpAffine, double>, Of<Spline, float>, Of<Spline, double>, Of<RationalQuadratic<3>, float>,
               Of<RationalQuadratic<3>, double>>;

/// Their scale at h = 0 is sigmoid(2), and may underflow.
template <class Map>
inline constexpr bool scaled_by_sigmoid =
    std::is_same_v<Map, SigmoidAffine> || std::is_same_v<Map, ShiftedAffine>;

/// An array whose indices are signed, as those of the built-in ones in kernels.
template <class T, int n>
struct Numbers {
  static constexpr int size = n;
  T v[n]{};

  T& operator[](Index j) { return v[j]; }
  const T& operator[](Index j) const { return v[j]; }
  T* begin() { return v; }
  T* end() { return v + n; }
};

template <class Map, class T>
using OutputsOf = Numbers<T, Map::outputs>;

template <class To, int n, class From>
Numbers<To, n> converted(const Numbers<From, n>& from) {
  Numbers<To, n> to;
  for (int j = 0; j < n; ++j) to[j] = static_cast<To>(from[j]);
  return to;
}

/// Draws of numbers and of a network's outputs, the same in every type: whole numbers of a float.
class Draws {
 public:
  float number(float scale) { return scale * normal_(engine_); }

  template <class Map, class T>
  OutputsOf<Map, T> outputs(float scale) {
    OutputsOf<Map, T> h;
    for (T& v : h) v = static_cast<T>(number(scale));
    return h;
  }

 private:
  std::mt19937 engine_{2024};
  std::normal_distribution<float> normal_;
};

/// y and log(dy/dx) at x.
template <class T>
struct Image {
  T y, log_scale;
};
template <class Map, class T, class H>
Image<T> forward(T x, const H& h) {
  Image<T> image;
  image.y = Map::forward(x, h, image.log_scale);
  return image;
}

/// How many times its rounding an error may be before it tells of more than rounding. A spline's knots are
/// known to eps * tail, of which a bin may be 2 * least_size * tail wide, and what depends on the place in it
/// is known so well.
template <class Map, class T>
constexpr double rounding() {
  constexpr double eps = std::numeric_limits<T>::epsilon();
  if constexpr (requires { Map::least_size; }) {
    return eps / (2 * Map::least_size);
  } else {
    return eps;
  }
}

/// The largest of the numbers that it is given; infinity where one of them is not finite.
struct Worst {
  double value = 0;

  template <class T>
  void take(T error) {
    const double e = static_cast<double>(std::abs(error));
    value = std::isfinite(e) ? std::max(value, e) : std::numeric_limits<double>::infinity();
  }
};

}  // namespace glow::test
