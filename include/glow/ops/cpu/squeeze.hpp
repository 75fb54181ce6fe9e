// Squeeze: trades space for channels. y[n, i, j, (dy * 2 + dx) * C + c] = x[n, 2i + dy, 2j + dx, c].
// Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using Real NVP, ICLR 2017, section 3.6.
#pragma once

#include <glow/core/parallel.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// Both directions: rows of 2 C elements lie side by side in x and in y, so either is a copy of runs.
template <class T, class Copy>
void squeeze_runs(Index batch, Index height, Index width, Index channels, Copy copy_run) {
  const Index run = 2 * channels;
  parallel_ranges(batch * height, 64, [&](Index first, Index last) {
    for (Index row = first; row < last; ++row) {
      const Index pair = row / 2;
      for (Index j = 0; j < width / 2; ++j) {
        copy_run((row * width + 2 * j) * channels, (pair * (width / 2) + j) * 2 * run + row % 2 * run, run);
      }
    }
  });
}

}  // namespace detail

/// x [N, H, W, C] -> y [N, H/2, W/2, 4C]; H and W even.
template <class T>
void squeeze_forward(View<const std::type_identity_t<T>, Cpu> x, View<T, Cpu> y) {
  detail::squeeze_runs<T>(
      x.batch(), x.height(), x.width(), x.channels(),
      [&](Index in_x, Index in_y, Index run) { std::copy_n(x.data() + in_x, run, y.data() + in_y); });
}

/// y [N, H/2, W/2, 4C] -> x [N, H, W, C].
template <class T>
void squeeze_inverse(View<const std::type_identity_t<T>, Cpu> y, View<T, Cpu> x) {
  detail::squeeze_runs<T>(
      x.batch(), x.height(), x.width(), x.channels(),
      [&](Index in_x, Index in_y, Index run) { std::copy_n(y.data() + in_y, run, x.data() + in_x); });
}

}  // namespace glow::ops
