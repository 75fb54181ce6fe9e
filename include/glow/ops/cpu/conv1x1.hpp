// Invertible 1x1 convolution, y = W x at every pixel, W = P L (U + diag(sign_s exp(log_s))) with L unit lower
// and U strictly upper triangular; log|det dy/dx| = H W sum(log_s). Source: D. Kingma, P. Dhariwal, Glow:
// Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018, section 3.2.
#pragma once

#include <Eigen/Dense>
#include <cmath>

#include <glow/core/random.hpp>
#include <glow/ops/cpu/rows.hpp>

namespace glow::ops {

namespace detail {

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T>
Eigen::Map<Matrix<T>> as_matrix(View<T, Cpu> x) {
  return {x.data(), x.shape()[0], x.shape()[1]};
}

template <class T>
Eigen::Map<Eigen::Vector<T, Eigen::Dynamic>> as_vector(View<T, Cpu> x) {
  return {x.data(), x.size()};
}

// U + diag(sign_s exp(log_s)); entries of `upper` on and below the diagonal do not count.
template <class T>
void assemble_upper(View<T, Cpu> upper, View<T, Cpu> log_s, View<T, Cpu> sign_s, View<T, Cpu> out) {
  const Index c = log_s.size();
  for (Index i = 0; i < c; ++i) {
    for (Index j = 0; j < c; ++j) {
      out[i * c + j] = j > i ? upper[i * c + j] : j == i ? sign_s[i] * std::exp(log_s[i]) : T(0);
    }
  }
}

}  // namespace detail

/// Start: W orthogonal, the Q of a matrix of N(0, 1) draws; P [C, C], L [C, C], U [C, C], log_s [C], sign_s
/// [C] from its LU decomposition with partial pivoting.
template <class T>
void conv1x1_start(View<T, Cpu> permutation, View<T, Cpu> lower, View<T, Cpu> upper, View<T, Cpu> log_s,
                   View<T, Cpu> sign_s, Random random) {
  const Index c = log_s.size();
  Tensor<double> normal(Shape{c, c});
  fill_normal(normal.view(), random);
  const detail::Matrix<double> q =
      Eigen::HouseholderQR<detail::Matrix<double>>(detail::as_matrix(normal.view())).householderQ();
  const Eigen::PartialPivLU<detail::Matrix<double>> lu(q);
  const detail::Matrix<double> p = detail::Matrix<double>(lu.permutationP()).transpose();
  const detail::Matrix<double> l = lu.matrixLU().triangularView<Eigen::StrictlyLower>();
  const detail::Matrix<double> u = lu.matrixLU().triangularView<Eigen::StrictlyUpper>();
  const Eigen::VectorXd s = lu.matrixLU().diagonal();
  detail::as_matrix(permutation) = p.cast<T>();
  detail::as_matrix(lower) = l.cast<T>();
  detail::as_matrix(upper) = u.cast<T>();
  detail::as_vector(log_s) = s.array().abs().log().matrix().cast<T>();
  detail::as_vector(sign_s) = s.array().sign().matrix().cast<T>();
}

/// W [C, C] and W^-1 [C, C] from the factors, the inverse by triangular solves.
template <class T>
void conv1x1_assemble(View<T, Cpu> permutation, View<T, Cpu> lower, View<T, Cpu> upper, View<T, Cpu> log_s,
                      View<T, Cpu> sign_s, View<T, Cpu> weight, View<T, Cpu> inverse) {
  Scratch<T> u(lower.shape()), work(lower.shape());
  detail::assemble_upper(upper, log_s, sign_s, u.view());
  const auto p = detail::as_matrix(permutation);
  const auto l = detail::as_matrix(lower).template triangularView<Eigen::UnitLower>();
  auto w = detail::as_matrix(weight);
  auto w_inv = detail::as_matrix(inverse);
  auto lu = detail::as_matrix(work.view());
  lu.noalias() = l * detail::as_matrix(u.view());
  w.noalias() = p.lazyProduct(lu);
  w_inv = p.transpose();
  l.solveInPlace(w_inv);
  detail::as_matrix(u.view()).template triangularView<Eigen::Upper>().solveInPlace(w_inv);
}

/// Packs M [C, C] for conv1x1_apply of M, and of its transpose unless `packed_t` is empty.
template <class T>
void conv1x1_pack(View<const std::type_identity_t<T>, Cpu> m, View<T, Cpu> packed, View<T, Cpu> packed_t) {
  const Index c = m.channels();
  pack(c, c, packed.data(), [&](Index i, Index j) { return m[j * c + i]; });
  if (!packed_t.empty()) pack(c, c, packed_t.data(), [&](Index i, Index j) { return m[i * c + j]; });
}

/// x_row -> M x_row for every row of x [..., C], in place; `packed` is the packed form of M^T.
template <class T>
void conv1x1_apply(View<T, Cpu> packed, View<T, Cpu> x) {
  const Index c = x.channels();
  parallel_ranges(x.rows(), tile_rows_for(x.rows()), [&](Index first, Index last) {
    T* at = x.data() + first * c;
    gemm(last - first, c, c, Strided<T>{at, c, 1}, packed.data(), Assign<T>{at, c});
  });
}

/// d_weight [C, C] = sum over pixels of dy x^T; x and dy are [N, H, W, C].
template <class T>
void conv1x1_weight_gradient(View<T, Cpu> x, View<T, Cpu> dy, View<T, Cpu> d_weight) {
  const Index c = x.channels();
  outer_product(x.rows(), c, c, dy.data(), c, x.data(), c, Assign<T>{d_weight.data(), c});
}

/// Pulls dW [C, C] = sum over pixels of dy x^T back to the factors: d_lower, d_upper, d_log_s += (the part of
/// the log-determinant is the caller's).
template <class T>
void conv1x1_pull_back(View<T, Cpu> permutation, View<T, Cpu> lower, View<T, Cpu> upper, View<T, Cpu> log_s,
                       View<T, Cpu> sign_s, View<T, Cpu> d_weight, View<T, Cpu> d_lower, View<T, Cpu> d_upper,
                       View<T, Cpu> d_log_s) {
  const Index c = log_s.size();
  Scratch<T> u(lower.shape()), d_lu(lower.shape()), work(lower.shape());
  detail::assemble_upper(upper, log_s, sign_s, u.view());
  auto d = detail::as_matrix(d_lu.view());
  auto product = detail::as_matrix(work.view());
  d.noalias() = detail::as_matrix(permutation).transpose().lazyProduct(detail::as_matrix(d_weight));
  product.noalias() = d.lazyProduct(detail::as_matrix(u.view()).transpose());
  detail::as_matrix(d_lower).template triangularView<Eigen::StrictlyLower>() += product;
  product.noalias() = detail::as_matrix(lower).template triangularView<Eigen::UnitLower>().transpose() * d;
  detail::as_matrix(d_upper).template triangularView<Eigen::StrictlyUpper>() += product;
  for (Index i = 0; i < c; ++i) d_log_s[i] += product(i, i) * u[i * c + i];
}

}  // namespace glow::ops
