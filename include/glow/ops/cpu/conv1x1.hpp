// Invertible 1x1 convolution, y = W x at every pixel, W = P L (U + diag(sign_s exp(log_s))) with L unit lower
// and U strictly upper triangular; log|det dy/dx| = H W sum(log_s). Source: D. Kingma, P. Dhariwal, Glow:
// Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018, section 3.2.
#pragma once

#include <cmath>

#include <glow/core/random.hpp>
#include <glow/ops/cpu/matrices.hpp>
#include <glow/ops/cpu/outer_products.hpp>
#include <glow/ops/cpu/rows.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

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
  Tensor<double> w = rotation(normal);
  const std::vector<Index> row_of = lu_in_place(w);
  clear(permutation);
  for (Index i = 0; i < c; ++i) {
    permutation[row_of[static_cast<std::size_t>(i)] * c + i] = T(1);
    for (Index j = 0; j < c; ++j) {
      lower[i * c + j] = static_cast<T>(j < i ? w[i * c + j] : 0);
      upper[i * c + j] = static_cast<T>(j > i ? w[i * c + j] : 0);
    }
    log_s[i] = static_cast<T>(std::log(std::abs(w[i * c + i])));
    sign_s[i] = w[i * c + i] < 0 ? T(-1) : T(1);
  }
}

/// W [C, C] and W^-1 [C, C] from the factors, the inverse by triangular solves.
template <class T>
void conv1x1_assemble(View<T, Cpu> permutation, View<T, Cpu> lower, View<T, Cpu> upper, View<T, Cpu> log_s,
                      View<T, Cpu> sign_s, View<T, Cpu> weight, View<T, Cpu> inverse) {
  const Index c = log_s.size();
  const Scratch<T> u(lower.shape()), lu(lower.shape());
  detail::assemble_upper(upper, log_s, sign_s, u.view());
  copy(u.view(), lu.view());
  clear(weight);
  for (Index i = 0; i < c; ++i) {
    for (Index k = 0; k < i; ++k) add_row(c, lower[i * c + k], u.data() + k * c, lu.data() + i * c);
    for (Index j = 0; j < c; ++j) {
      if (permutation[j * c + i] != T(0))
        add_row(c, permutation[j * c + i], lu.data() + i * c, weight.data() + j * c);
      inverse[i * c + j] = permutation[j * c + i];
    }
  }
  solve_unit_lower(c, lower.data(), inverse.data());
  solve_upper(c, u.data(), inverse.data());
}

/// Packs M [C, C] for conv1x1_apply of M, and of its transpose unless `packed_t` is empty.
template <class T>
void conv1x1_pack(View<const std::type_identity_t<T>, Cpu> m, View<T, Cpu> packed, View<T, Cpu> packed_t) {
  const Index c = m.channels();
  pack<Along::columns>(c, c, packed.data(), m.data(), c);
  if (!packed_t.empty()) pack<Along::rows>(c, c, packed_t.data(), m.data(), c);
}

/// x_row -> M x_row + shift for every row of x [..., C], in place; `packed` is the packed form of M^T, shift
/// [C] may be null, for zero.
template <class T>
void affine_apply(View<T, Cpu> packed, const T* shift, View<T, Cpu> x) {
  const Index c = x.channels();
  parallel_ranges(x.rows(), tile_rows_for(x.rows()), [&](Index first, Index last) {
    const Index n = last - first;
    T* at = x.data() + first * c;
    const Scratch<T> old(Shape{n, c});
    std::copy_n(at, n * c, old.data());
    const Finish finish = shift == nullptr ? Finish::assign : Finish::bias;
    gemm(Product<T>{n, c, c, old.data(), c, packed.data(), at, c, finish, shift});
  });
}

/// x_row -> M x_row for every row of x [..., C], in place; `packed` is the packed form of M^T.
template <class T>
void conv1x1_apply(View<T, Cpu> packed, View<T, Cpu> x) {
  affine_apply(packed, static_cast<const T*>(nullptr), x);
}

/// d_weight [C, C] = sum over pixels of dy x^T; x and dy are [N, H, W, C].
template <class T, OrCounted<Cpu> D>
void conv1x1_weight_gradient(View<T, D> x, View<T, D> dy, View<T, D> d_weight) {
  const Index c = x.channels();
  outer_product<T, D>(x.rows(), {c, c, dy.data(), c, d_weight.data(), c, Finish::assign}, x.data(), c);
}

/// Pulls dW [C, C] = sum over pixels of dy x^T back to the factors: d_lower, d_upper, d_log_s += (the part of
/// the log-determinant is the caller's).
template <class T>
void conv1x1_pull_back(View<T, Cpu> permutation, View<T, Cpu> lower, View<T, Cpu> upper, View<T, Cpu> log_s,
                       View<T, Cpu> sign_s, View<T, Cpu> d_weight, View<T, Cpu> d_lower, View<T, Cpu> d_upper,
                       View<T, Cpu> d_log_s) {
  const Index c = log_s.size();
  const Scratch<T> u(lower.shape()), d_lu(lower.shape()), d_u(lower.shape());
  detail::assemble_upper(upper, log_s, sign_s, u.view());
  clear(d_lu.view());
  for (Index i = 0; i < c; ++i) {  // d_lu = P^T d_weight
    for (Index r = 0; r < c; ++r) {
      const T p = permutation[r * c + i];
      if (p != T(0)) add_row(c, p, d_weight.data() + r * c, d_lu.data() + i * c);
    }
  }
  for (Index i = 0; i < c; ++i) {  // d_lower = d_lu U^T
    for (Index j = 0; j < i; ++j) {
      for (Index k = j; k < c; ++k) d_lower[i * c + j] += d_lu[i * c + k] * u[j * c + k];
    }
  }
  copy(d_lu.view(), d_u.view());
  for (Index i = 0; i < c; ++i) {  // d_u = L^T d_lu
    for (Index k = i + 1; k < c; ++k) add_row(c, lower[k * c + i], d_lu.data() + k * c, d_u.data() + i * c);
    for (Index j = i + 1; j < c; ++j) d_upper[i * c + j] += d_u[i * c + j];
    d_log_s[i] += d_u[i * c + i] * u[i * c + i];
  }
}

}  // namespace glow::ops
