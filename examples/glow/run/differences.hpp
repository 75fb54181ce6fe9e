// Derivatives by differences of functions that have kinks.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <limits>

namespace glow::app {

namespace differences {

struct Estimate {
  Eigen::VectorXd value;
  double doubt;  // how far two estimates lie apart
};

inline double apart(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

// By Richardson's extrapolation of differences with steps h and h/2, whose errors are of h^order.
inline Estimate extrapolated(const Eigen::VectorXd& coarse, const Eigen::VectorXd& fine, int order) {
  const double factor = 1 << order;
  return {(factor * fine - coarse) / (factor - 1), apart(coarse, fine)};
}

}  // namespace differences

/// df/dt at t = 0 of f(t), a vector. A ReLU of a network has a kink, and a difference across it is wrong
/// whatever the step. So the central difference counts only where those to either side agree to `tolerance`;
/// until they do smaller steps are tried, down to 1e-7. If they never do, the one of least doubt counts: a
/// central one, by how far its sides lie apart, or one of the last two sides, by how far its differences with
/// steps h and h/2 lie apart, which is more on the side of the kink; and each by what rounding of f may do.
template <class F>
Eigen::VectorXd derivative(F f, double tolerance) {
  const Eigen::VectorXd at = f(0.0);
  differences::Estimate best{{}, std::numeric_limits<double>::infinity()};
  const double rounding = 4 * std::numeric_limits<double>::epsilon() * at.cwiseAbs().maxCoeff();
  const auto consider = [&](differences::Estimate e, double h) {
    e.doubt += rounding / h;
    if (e.doubt < best.doubt || best.value.size() == 0) best = e;
  };
  constexpr double least = 1e-7;
  for (const double h : {1e-5, 1e-6, least}) {
    const Eigen::VectorXd up = f(h), half_up = f(h / 2), down = f(-h), half_down = f(-h / 2);
    const auto right = differences::extrapolated((up - at) / h, (half_up - at) / (h / 2), 1);
    const auto left = differences::extrapolated((at - down) / h, (at - half_down) / (h / 2), 1);
    auto central = differences::extrapolated((up - down) / (2 * h), (half_up - half_down) / h, 2);
    central.doubt = differences::apart(right.value, left.value);
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
