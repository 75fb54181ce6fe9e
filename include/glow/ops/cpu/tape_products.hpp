// Products of the tape and their pull-backs on the CPU: matrix products of ops/cpu/gemm.hpp on all threads,
// whose right operands are packed on the way. p is one of ops/products.hpp; 3x3 convolutions are in
// ops/cpu/tape_convolution.hpp.
#pragma once

#include <glow/core/counted.hpp>
#include <glow/ops/cpu/outer_products.hpp>
#include <glow/ops/cpu/rows.hpp>
#include <glow/ops/products.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// C [m, n] = A [m, k] B [k, n], or += by `finish`; B lies in memory without gaps, along `along`.
template <Along along, OrCounted<Cpu> D, class T>
void matrix_product(Index m, Index n, Index k, const T* a, const T* b, T* c, Finish finish) {
  if (m == 0 || n == 0) return;
  const Scratch<T, D> packed(Shape{packed_size<T>(k, n)});
  if constexpr (is_counted<D>) return;
  pack<along>(k, n, packed.data(), b, along == Along::rows ? n : k);
  parallel_ranges(m, tile_rows_for(m), [&](Index first, Index last) {
    gemm(Product<T>{last - first, n, k, a + first * k, k, packed.data(), c + first * n, n, finish});
  });
}

// C [m, n] += A^T B, summed over the rows of A [rows, m] and B [rows, n].
template <OrCounted<Cpu> D, class T>
void add_outer_product(Index rows, Index m, Index n, const T* a, const T* b, T* c) {
  if (rows == 0 || m == 0 || n == 0) return;
  outer_product<T, D>(rows, {m, n, a, m, c, n, Finish::add}, b, n);
}

// Calls fn(i) for the products of a batch: small ones at the same time, large ones one after another, each on
// all threads.
template <class D, class F>
void for_each_product(const products::Matmul& p, F fn) {
  constexpr Index large = 1 << 20;  // multiplications
  const Index grain = p.m * p.k * p.n >= large ? std::max(Index{1}, p.batch) : 1;
  parallel_ranges(D(), p.batch, grain, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) fn(i);
  });
}

}  // namespace detail

/// y = a times b.
template <class T, OrCounted<Cpu> D>
void tape_product(products::Matmul p, View<const std::type_identity_t<T>, std::type_identity_t<D>> a,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> b, View<T, D> y) {
  detail::for_each_product<D>(p, [&](Index i) {
    detail::matrix_product<Along::rows, D>(p.m, p.n, p.k, a.data() + i * p.m * p.k, b.data() + i * p.k * p.n,
                                           y.data() + i * p.m * p.n, Finish::assign);
  });
}
template <class T, OrCounted<Cpu> D>
void tape_product(products::Conv1x1 p, View<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> w, View<T, D> y) {
  detail::matrix_product<Along::columns, D>(p.rows, p.out, p.in, x.data(), w.data(), y.data(),
                                            Finish::assign);
}

/// da += dy times b.
template <class T, OrCounted<Cpu> D>
void tape_product_pull_first(products::Matmul p,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> b,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> dy, View<T, D> da) {
  detail::for_each_product<D>(p, [&](Index i) {
    detail::matrix_product<Along::columns, D>(p.m, p.k, p.n, dy.data() + i * p.m * p.n,
                                              b.data() + i * p.k * p.n, da.data() + i * p.m * p.k,
                                              Finish::add);
  });
}
template <class T, OrCounted<Cpu> D>
void tape_product_pull_first(products::Conv1x1 p,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> w,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> dy, View<T, D> dx) {
  detail::matrix_product<Along::rows, D>(p.rows, p.in, p.out, dy.data(), w.data(), dx.data(), Finish::add);
}

/// db += a times dy.
template <class T, OrCounted<Cpu> D>
void tape_product_pull_second(products::Matmul p,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> a,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> dy,
                              View<T, D> db) {
  detail::for_each_product<D>(p, [&](Index i) {
    detail::add_outer_product<D>(p.m, p.k, p.n, a.data() + i * p.m * p.k, dy.data() + i * p.m * p.n,
                                 db.data() + i * p.k * p.n);
  });
}
template <class T, OrCounted<Cpu> D>
void tape_product_pull_second(products::Conv1x1 p,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> dy,
                              View<T, D> dw) {
  detail::add_outer_product<D>(p.rows, p.out, p.in, dy.data(), x.data(), dw.data());
}

}  // namespace glow::ops
