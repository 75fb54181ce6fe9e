// Derivatives by differences of functions that have kinks.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <limits>

namespace glow::app {

namespace differences {

struct Estimate {
  Eigen::VectorXd value;
  double doubt;  // how far estimates of steps h and h/2 lie apart
};

inline Estimate estimate(const Eigen::VectorXd& coarse, const Eigen::VectorXd& fine, double order) {
  return {(order * fine - coarse) / (order - 1), (coarse - fine).cwiseAbs().maxCoeff()};
}

}  // namespace differences

/// df/dt at t = 0 of f(t), a vector. A ReLU of a network has a kink, and a difference across it is wrong
/// whatever the step; so the central difference and those to either side are taken with two steps each, which
/// agree where there is no kink between, and the best of the three counts. While its two lie further apart
/// than `tolerance` smaller steps are tried, down to 1e-7. Two steps h and h/2 give Richardson's
/// extrapolation, whose error is of order h^4, and h^2 to one side.
template <class F>
Eigen::VectorXd derivative(F f, double tolerance) {
  const Eigen::VectorXd at = f(0.0);
  differences::Estimate best{{}, std::numeric_limits<double>::infinity()};
  for (const double h : {1e-5, 1e-6, 1e-7}) {
    const Eigen::VectorXd up = f(h), half_up = f(h / 2), down = f(-h), half_down = f(-h / 2);
    const differences::Estimate of_step[] = {
        differences::estimate((up - down) / (2 * h), (half_up - half_down) / h, 4),
        differences::estimate((up - at) / h, (half_up - at) / (h / 2), 2),
        differences::estimate((at - down) / h, (at - half_down) / (h / 2), 2),
    };
    for (const differences::Estimate& e : of_step) {
      if (e.doubt < best.doubt || best.value.size() == 0) best = e;
    }
    if (best.doubt <= tolerance) break;
  }
  return best.value;
}

}  // namespace glow::app
