// Diagonal Gaussian with a prior [mu | log sigma] on channels: log N(z) = sum of -log sigma - log(2 pi) / 2
// - ((z - mu) / sigma)^2 / 2. An empty prior is N(0, I).
#pragma once

#include <cmath>
#include <numbers>

#include <glow/core/arena.hpp>
#include <glow/ops/cpu/logdet.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// Calls fn(i, mu, log_sigma, prior_index) for every element of a batch of z, rows in parallel, where
// prior_index is that of mu; log sigma lies C further on.
template <class T, class F>
void for_each_with_prior(View<const T, Cpu> prior, Index c, Index first_row, Index last_row, F fn) {
  for (Index r = first_row; r < last_row; ++r) {
    for (Index i = 0; i < c; ++i) {
      const Index at = r * 2 * c + i;
      fn(r * c + i, prior.empty() ? T(0) : prior[at], prior.empty() ? T(0) : prior[at + c], at);
    }
  }
}

}  // namespace detail

/// logp[n] += log N(z[n]; prior[n]); z [N, H, W, C] or [N, C], prior [N, H, W, 2C], [N, 2C] or empty.
template <class T>
void gaussian_log_density(View<const std::type_identity_t<T>, Cpu> z,
                          View<const std::type_identity_t<T>, Cpu> prior, View<T, Cpu> logp) {
  const T half_log_2pi = static_cast<T>(std::log(2 * std::numbers::pi) / 2);
  const Index height = z.shape().rank() == 4 ? z.height() : 1, width = z.positions() / height;
  const Index rows = z.batch() * height;
  Scratch<T> row_sums(Shape{rows});
  parallel_ranges(rows, std::max(Index{1}, 256 / width), [&](Index first, Index last) {
    for (Index row = first; row < last; ++row) {
      T sum = 0;
      detail::for_each_with_prior<T>(prior, z.channels(), row * width, (row + 1) * width,
                                     [&](Index i, T mu, T log_sigma, Index) {
                                       const T e = (z[i] - mu) * std::exp(-log_sigma);
                                       sum += -log_sigma - half_log_2pi - e * e / 2;
                                     });
      row_sums[row] = sum;
    }
  });
  add_parts_to_logdet(logp, row_sums.data(), height, T(1));
}

/// Pull-back of gaussian_log_density by dlogp [N]: dz += ..., d_prior = ... (written, not added; empty if
/// prior is).
template <class T>
void gaussian_backward(View<const std::type_identity_t<T>, Cpu> z,
                       View<const std::type_identity_t<T>, Cpu> prior,
                       View<const std::type_identity_t<T>, Cpu> dlogp, View<T, Cpu> dz,
                       View<T, Cpu> d_prior) {
  const Index pixels = z.positions(), c = z.channels();
  parallel_ranges(z.rows(), 256, [&](Index first, Index last) {
    detail::for_each_with_prior<T>(prior, c, first, last, [&](Index i, T mu, T log_sigma, Index at) {
      const T d = dlogp[i / (pixels * c)];
      const T inverse = std::exp(-log_sigma);
      const T e = (z[i] - mu) * inverse;
      dz[i] -= d * e * inverse;
      if (d_prior.empty()) return;
      d_prior[at] = d * e * inverse;
      d_prior[at + c] = d * (e * e - 1);
    });
  });
}

/// eps -> z = mu + sigma * temperature * eps in place. A prior [N, H, W, 2C] is that of the first C channels
/// of z, which may have more; these stay as they are.
template <class T>
void gaussian_sample(View<const std::type_identity_t<T>, Cpu> prior, std::type_identity_t<T> temperature,
                     View<T, Cpu> z) {
  const Index c = prior.empty() ? z.channels() : prior.channels() / 2, others = z.channels() - c;
  parallel_ranges(z.rows(), 256, [&](Index first, Index last) {
    for (Index r = first; r < last; ++r) {
      const View<T, Cpu> row(z.data() + r * others, z.shape());
      detail::for_each_with_prior<T>(prior, c, r, r + 1, [&](Index i, T mu, T log_sigma, Index) {
        row[i] = mu + std::exp(log_sigma) * temperature * row[i];
      });
    }
  });
}

}  // namespace glow::ops
