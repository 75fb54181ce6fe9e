// The condition number of a matrix, sigma_1 / sigma_n: by how much a relative error of y may grow in W^-1 y.
// The singular values come from Hestenes' method: rotations of two rows at a time until all rows are
// orthogonal; then their lengths are the singular values. Sources: G. Golub, C. Van Loan, Matrix
// Computations, 4th edition, sections 2.6.2 and 8.6.3; J. Demmel, K. Veselic, Jacobi's method is more
// accurate than QR, 1992.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// Rotates rows a and b of n numbers so that they are orthogonal; false where they are, to rounding.
inline bool make_orthogonal(Index n, double* a, double* b) {
  double aa = 0, bb = 0, ab = 0;
  for (Index i = 0; i < n; ++i) {
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  if (!(std::abs(ab) > 4 * std::numeric_limits<double>::epsilon() * std::sqrt(aa) * std::sqrt(bb)))
    return false;
  const double zeta = (bb - aa) / (2 * ab);
  const double tangent = (zeta < 0 ? -1 : 1) / (std::abs(zeta) + std::hypot(1.0, zeta));
  const double cosine = 1 / std::hypot(1.0, tangent), sine = cosine * tangent;
  for (Index i = 0; i < n; ++i) {
    const double old = a[i];
    a[i] = cosine * old - sine * b[i];
    b[i] = sine * old + cosine * b[i];
  }
  return true;
}

}  // namespace detail

/// Largest singular value by smallest of a square matrix w [C, C], computed in double; infinity where the
/// smallest is 0, NaN where a number is not finite.
template <class T>
double condition_number(View<const T, Cpu> w) {
  const Index c = w.channels();
  double largest = 0;
  for (const T number : w) {
    const double size = std::abs(static_cast<double>(number));
    if (!std::isfinite(size)) return std::numeric_limits<double>::quiet_NaN();
    largest = std::max(largest, size);
  }
  if (largest == 0) return std::numeric_limits<double>::infinity();
  Tensor<double> rows(w.shape());  // of numbers up to 1, whose squares neither overflow nor vanish together
  for (Index i = 0; i < rows.size(); ++i) rows[i] = static_cast<double>(w[i]) / largest;
  constexpr int most_sweeps = 60;  // ten are many: the method converges quadratically
  bool turned = true;
  for (int sweep = 0; turned && sweep < most_sweeps; ++sweep) {
    turned = false;
    for (Index i = 0; i < c; ++i) {
      for (Index j = i + 1; j < c; ++j)
        turned |= detail::make_orthogonal(c, rows.data() + i * c, rows.data() + j * c);
    }
  }
  double most = 0, least = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < c; ++i) {
    double squares = 0;
    for (Index j = 0; j < c; ++j) squares += rows[i * c + j] * rows[i * c + j];
    most = std::max(most, std::sqrt(squares));
    least = std::min(least, std::sqrt(squares));
  }
  return most / least;
}

}  // namespace glow::ops
