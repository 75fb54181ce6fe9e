// What the tape computes along an axis, on a GPU. The equations are those of ad/line_functions.hpp, the
// kernels are in kernels/tape_lines.cu, instantiated for each of them.
#pragma once

#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/tape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// y = f(x) for each line of x; lines of y are f.results(extent) long.
template <class F, class T>
void tape_lines(F f, Lines lines, View<const std::type_identity_t<T>, Cuda> x, View<T, Cuda> y) {
  kernels::launch_tape_lines(f, lines, x.data(), y.data(), cuda::stream());
}

/// dx += what dy is pulled back to by f for each line, where y = f(x).
template <class F, class T>
void tape_lines_pull(F f, Lines lines, View<const std::type_identity_t<T>, Cuda> x,
                     View<const std::type_identity_t<T>, Cuda> y,
                     View<const std::type_identity_t<T>, Cuda> dy, View<T, Cuda> dx) {
  kernels::launch_tape_lines_pull(f, lines, x.data(), y.data(), dy.data(), dx.data(), cuda::stream());
}

/// The host does not wait for a GPU's indices: what is none of 0 ... extent - 1 gives zeros.
inline void tape_check_indices(View<const Index, Cuda>, Index) {}

}  // namespace glow::ops
