// Small square matrices [n, n], row by row: decompositions and triangular solves in plain loops, since the
// blocked ones of a library take most of the time in which a program compiles.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// to[j] += factor * from[j], j = 0 ... n - 1.
template <class T>
void add_row(Index n, T factor, const T* from, T* to) {
  for (Index j = 0; j < n; ++j) to[j] += factor * from[j];
}

/// The orthogonal Q [n, n] of A = Q R, by Householder's reflections; `a` is overwritten. Source: G. Golub, C.
/// Van Loan, Matrix Computations, 4th edition, algorithm 5.2.1.
inline Tensor<double> rotation(Tensor<double>& a) {
  const Index n = a.shape()[0];
  Tensor<double> q({n, n}), v({n, n}), sum({n});  // row k of v: the unit vector of reflection k
  // m -= 2 v_k v_k^T m
  const auto reflect = [&](Index k, Tensor<double>& m) {
    clear(sum.view());
    for (Index i = k; i < n; ++i) add_row(n, v[k * n + i], m.data() + i * n, sum.data());
    for (Index i = k; i < n; ++i) add_row(n, -2 * v[k * n + i], sum.data(), m.data() + i * n);
  };
  for (Index k = 0; k + 1 < n; ++k) {
    double squares = 0;
    for (Index i = k; i < n; ++i) squares += a[i * n + k] * a[i * n + k];
    const double at = a[k * n + k], to = at > 0 ? -std::sqrt(squares) : std::sqrt(squares);
    const double length = std::sqrt(2 * (squares - at * to));
    for (Index i = k; i < n; ++i) v[k * n + i] = (a[i * n + k] - (i == k ? to : 0)) / length;
    reflect(k, a);
  }
  for (Index i = 0; i < n; ++i) q[i * n + i] = 1;
  for (Index k = n - 1; k-- > 0;) reflect(k, q);
  return q;
}

/// A [n, n] -> L below the diagonal (L's own is 1) and U on and above it, where row `result[i]` of A is row i
/// of L U; with partial pivoting.
inline std::vector<Index> lu_in_place(Tensor<double>& a) {
  const Index n = a.shape()[0];
  std::vector<Index> row_of;
  for (Index i = 0; i < n; ++i) row_of.push_back(i);
  for (Index k = 0; k < n; ++k) {
    Index pivot = k;
    for (Index i = k + 1; i < n; ++i) {
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    }
    std::swap_ranges(a.data() + k * n, a.data() + (k + 1) * n, a.data() + pivot * n);
    std::swap(row_of[static_cast<std::size_t>(k)], row_of[static_cast<std::size_t>(pivot)]);
    for (Index i = k + 1; i < n; ++i) {
      a[i * n + k] /= a[k * n + k];
      add_row(n - k - 1, -a[i * n + k], a.data() + k * n + k + 1, a.data() + i * n + k + 1);
    }
  }
  return row_of;
}

/// M -> L^-1 M in place, L unit lower: entries of `l` on and above the diagonal do not count.
template <class T>
void solve_unit_lower(Index n, const T* l, T* m) {
  for (Index i = 0; i < n; ++i) {
    for (Index k = 0; k < i; ++k) add_row(n, -l[i * n + k], m + k * n, m + i * n);
  }
}

/// M -> U^-1 M in place, U upper: entries of `u` below the diagonal do not count.
template <class T>
void solve_upper(Index n, const T* u, T* m) {
  for (Index i = n; i-- > 0;) {
    for (Index k = i + 1; k < n; ++k) add_row(n, -u[i * n + k], m + k * n, m + i * n);
    for (Index j = 0; j < n; ++j) m[i * n + j] /= u[i * n + i];
  }
}

}  // namespace glow::ops
