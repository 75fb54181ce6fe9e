// Derivatives by differences of functions that have kinks.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace glow::app {

namespace differences {

struct Estimate {
  std::vector<double> value;
  double doubt;  // how far two estimates lie apart
};

// Largest |a - b|.
inline double apart(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// (a - b) / h
inline std::vector<double> slope(const std::vector<double>& a, const std::vector<double>& b, double h) {
  std::vector<double> result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = (a[i] - b[i]) / h;
  return result;
}

// By Richardson's extrapolation of differences with steps h and h/2, whose errors are of h^order.
inline Estimate extrapolated(const std::vector<double>& coarse, const std::vector<double>& fine, int order) {
  const double factor = 1 << order;
  Estimate e{fine, apart(coarse, fine)};
  for (std::size_t i = 0; i < fine.size(); ++i) e.value[i] = (factor * fine[i] - coarse[i]) / (factor - 1);
  return e;
}

}  // namespace differences

/// df/dt at t = 0 of f(t), a vector. A ReLU of a network has a kink, and a difference across it is wrong
/// whatever the step. So the central difference counts only where those to either side agree to `tolerance`;
/// until they do smaller steps are tried, down to 1e-7. If they never do, the one of least doubt counts: a
/// central one, by how far its sides lie apart, or one of the last two sides, by how far its differences with
/// steps h and h/2 lie apart, which is more on the side of the kink; and each by what rounding of f may do.
template <class F>
std::vector<double> derivative(F f, double tolerance) {
  const std::vector<double> at = f(0.0);
  differences::Estimate best{{}, std::numeric_limits<double>::infinity()};
  const double rounding =
      4 * std::numeric_limits<double>::epsilon() * differences::apart(at, std::vector<double>(at.size()));
  const auto consider = [&](differences::Estimate e, double h) {
    e.doubt += rounding / h;
    if (e.doubt < best.doubt || best.value.empty()) best = e;
  };
  constexpr double least = 1e-7;
  for (const double h : {1e-5, 1e-6, least}) {
    using namespace differences;
    const std::vector<double> up = f(h), half_up = f(h / 2), down = f(-h), half_down = f(-h / 2);
    const Estimate right = extrapolated(slope(up, at, h), slope(half_up, at, h / 2), 1);
    const Estimate left = extrapolated(slope(at, down, h), slope(at, half_down, h / 2), 1);
    Estimate central = extrapolated(slope(up, down, 2 * h), slope(half_up, half_down, h), 2);
    central.doubt = apart(right.value, left.value);
    consider(central, h);
    if (best.doubt <= tolerance) break;
    if (h == least) {
      consider(right, h);
      consider(left, h);
    }
  }
  return best.value;
}

}  // namespace glow::app
