// Products of the tape and their pull-backs, as plain loops over terms; p is one of ops/products.hpp.
#pragma once

#include <glow/core/counted.hpp>
#include <glow/ops/neighbours.hpp>
#include <glow/ops/products.hpp>

namespace glow::ops {

namespace detail {

// Calls fn(o, i, j) for every term a[i] b[j] of y[o].
template <class F>
void for_each_term(const products::Matmul& p, F fn) {
  for (Index i = 0; i < p.m; ++i) {
    for (Index l = 0; l < p.k; ++l) {
      for (Index j = 0; j < p.n; ++j) fn(i * p.n + j, i * p.k + l, l * p.n + j);
    }
  }
}
template <class F>
void for_each_term(const products::Conv1x1& p, F fn) {
  for (Index r = 0; r < p.rows; ++r) {
    for (Index o = 0; o < p.out; ++o) {
      for (Index i = 0; i < p.in; ++i) fn(r * p.out + o, r * p.in + i, o * p.in + i);
    }
  }
}
template <class F>
void for_each_term(const products::Conv3x3& p, F fn) {
  const PixelGrid grid(p.height, p.width);
  for (Index pixel = 0; pixel < p.batch * p.height * p.width; ++pixel) {
    for_each_neighbour(grid, Taps::same, pixel, [&](Index tap, Index neighbour) {
      for (Index i = 0; i < p.in; ++i) {
        for (Index o = 0; o < p.out; ++o) {
          fn(pixel * p.out + o, neighbour * p.in + i, (tap * p.in + i) * p.out + o);
        }
      }
    });
  }
}

}  // namespace detail

/// y = a times b.
template <class P, class T, OrCounted<Cpu> D>
void tape_product(P p, View<const std::type_identity_t<T>, std::type_identity_t<D>> a,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> b, View<T, D> y) {
  if constexpr (is_counted<D>) return;
  clear(y);
  detail::for_each_term(p, [&](Index o, Index i, Index j) { y[o] += a[i] * b[j]; });
}

/// da += dy times b.
template <class P, class T, OrCounted<Cpu> D>
void tape_product_pull_first(P p, View<const std::type_identity_t<T>, std::type_identity_t<D>> b,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> dy, View<T, D> da) {
  if constexpr (is_counted<D>) return;
  detail::for_each_term(p, [&](Index o, Index i, Index j) { da[i] += dy[o] * b[j]; });
}

/// db += a times dy.
template <class P, class T, OrCounted<Cpu> D>
void tape_product_pull_second(P p, View<const std::type_identity_t<T>, std::type_identity_t<D>> a,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> dy,
                              View<T, D> db) {
  if constexpr (is_counted<D>) return;
  detail::for_each_term(p, [&](Index o, Index i, Index j) { db[j] += dy[o] * a[i]; });
}

}  // namespace glow::ops
