// Per-sample sums: log-determinants [N] and their cotangents.
#pragma once

#include <glow/core/parallel.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// logdet[n] += amount * sum(x) for every sample; nothing where logdet is empty.
template <class T>
void add_sum_to_logdet(View<T, Cpu> logdet, View<const std::type_identity_t<T>, Cpu> x,
                       std::type_identity_t<T> amount) {
  if (logdet.empty()) return;
  T sum = 0;
  for (const T& v : x) sum += v;
  for (T& l : logdet) l += amount * sum;
}

/// The transpose of add_sum_to_logdet: dx[i] += amount * sum(dlogdet).
template <class T>
void add_logdet_to_sum(View<const std::type_identity_t<T>, Cpu> dlogdet, View<T, Cpu> dx,
                       std::type_identity_t<T> amount) {
  if (dlogdet.empty()) return;
  T sum = 0;
  for (const T& d : dlogdet) sum += d;
  for (T& d : dx) d += amount * sum;
}

/// logdet[n] += sign * (part[n, 0] + part[n, 1] + ...) in this order; part is [N, parts]. Nothing where
/// logdet is empty.
template <class T>
void add_parts_to_logdet(View<T, Cpu> logdet, const T* part, Index parts, std::type_identity_t<T> sign) {
  for (Index n = 0; n < logdet.size(); ++n) {
    T sum = 0;
    for (Index i = 0; i < parts; ++i) sum += part[n * parts + i];
    logdet[n] += sign * sum;
  }
}

}  // namespace glow::ops
