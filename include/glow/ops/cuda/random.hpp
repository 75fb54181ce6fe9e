// Tensors of random numbers on a GPU: the draws of core/random.hpp, uniform ones to the bit, normal ones to
// rounding. The kernels are in kernels/random.cu.
#pragma once

#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/random.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// x[i] ~ U(0, 1), both ends excluded.
template <class T>
void fill_uniform(View<T, Cuda> x, Random random) {
  kernels::launch_fill_uniform<T>(x.data(), x.size(), random, cuda::stream());
}

/// x[i] ~ N(0, 1) * scale (drawn in double, rounded to T, then scaled).
template <class T>
void fill_normal(View<T, Cuda> x, Random random, std::type_identity_t<T> scale = 1) {
  kernels::launch_fill_normal<T>(x.data(), x.size(), random, scale, cuda::stream());
}

/// x [N, ...] ~ N(0, 1), where image n draws from random.fork(first + n), a sequence of its own: so it is the
/// same whatever lies beside it in the batch.
template <class T>
void fill_normal_by_image(View<T, Cuda> x, Random random, Index first = 0) {
  kernels::launch_fill_normal_by_image<T>(x.data(), x.batch(), x.size(), random, first, cuda::stream());
}

}  // namespace glow::ops

namespace glow::inline GLOW_VERSION_NAMESPACE {

using ops::fill_normal;
using ops::fill_normal_by_image;
using ops::fill_uniform;

}  // namespace glow
