// W = P L U of a square matrix, as Conv1x1 keeps it.
#pragma once

#include <optional>
#include <vector>

#include <glow/core/index.hpp>

namespace glow::foreign {

/// A square matrix [n, n] in rows.
using Matrix = std::vector<double>;

/// W = P L (U + diag(sign_s exp(log_s))), with L used below its diagonal, which counts as 1, and U above.
struct LuFactors {
  std::vector<Index> row_of_column;  ///< P[row_of_column[j], j] = 1
  Matrix lower, upper;
  std::vector<double> log_s, sign_s;

  /// P [n, n].
  Matrix permutation() const;
};

/// By elimination, in double, with the largest number of what is left of a column as its pivot, the first of
/// equal ones. None for a matrix that is singular to the rounding of its numbers, which are floats: where a
/// pivot is below 2^-24 of the largest number of the matrix.
std::optional<LuFactors> lu_factors(Matrix w, Index n);

/// The product of two matrices [n, n].
Matrix product(const Matrix& a, const Matrix& b, Index n);

}  // namespace glow::foreign
