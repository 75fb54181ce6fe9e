// The condition number of a matrix, sigma_1 / sigma_n: by how much a relative error of y may grow in W^-1 y.
// Source: G. Golub, C. Van Loan, Matrix Computations, 4th edition, section 2.6.2.
#pragma once

#include <Eigen/SVD>
#include <limits>

#include <glow/core/tensor.hpp>

namespace glow::ops {

/// Largest singular value by smallest of a square matrix w [C, C], computed in double; infinity where the
/// smallest is 0, NaN where a number is not finite.
template <class T>
double condition_number(View<const T, Cpu> w) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Index c = w.channels();
  Matrix m(c, c);
  for (Index i = 0; i < c * c; ++i) m.data()[i] = static_cast<double>(w[i]);
  if (!m.allFinite()) return std::numeric_limits<double>::quiet_NaN();
  const Eigen::VectorXd s = Eigen::JacobiSVD<Matrix, Eigen::NoQRPreconditioner>(m).singularValues();
  return s[0] / s[c - 1];
}

}  // namespace glow::ops
