// Diagonal Gaussian with a prior [mu | log sigma] on channels, on a GPU. The equation is that of
// ops/cpu/gaussian.hpp, the kernels are in kernels/gaussian.cu. An empty prior is N(0, I).
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/gaussian.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// logp[n] += log N(z[n]; prior[n]); z [N, H, W, C] or [N, C], prior [N, H, W, 2C], [N, 2C] or empty. Nothing
/// where logp is empty.
template <class T>
void gaussian_log_density(View<const std::type_identity_t<T>, Cuda> z,
                          View<const std::type_identity_t<T>, Cuda> prior, View<T, Cuda> logp) {
  if (logp.empty()) return;
  const Index n = z.batch(), c = z.channels();
  const Scratch<T, Cuda> part(Shape{kernels::parts_of_log_density(n, c)});
  kernels::launch_gaussian_log_density<T>(z.data(), prior.data(), part.data(), logp.data(), n, z.positions(),
                                          c, cuda::stream());
}

/// Pull-back of gaussian_log_density by dlogp [N]: dz += ..., d_prior = ... (written, not added; empty if
/// prior is).
template <class T>
void gaussian_backward(View<const std::type_identity_t<T>, Cuda> z,
                       View<const std::type_identity_t<T>, Cuda> prior,
                       View<const std::type_identity_t<T>, Cuda> dlogp, View<T, Cuda> dz,
                       View<T, Cuda> d_prior) {
  kernels::launch_gaussian_backward<T>(z.data(), prior.data(), dlogp.data(), dz.data(), d_prior.data(),
                                       z.batch(), z.positions(), z.channels(), cuda::stream());
}

/// eps -> z = mu + sigma * temperature * eps in place. A prior [N, H, W, 2C] is that of the first C channels
/// of z, which may have more; these stay as they are.
template <class T>
void gaussian_sample(View<const std::type_identity_t<T>, Cuda> prior, std::type_identity_t<T> temperature,
                     View<T, Cuda> z) {
  const Index c = prior.empty() ? z.channels() : prior.channels() / 2;
  kernels::launch_gaussian_sample<T>(prior.data(), temperature, z.data(), z.batch(), z.positions(), c,
                                     z.channels(), cuda::stream());
}

}  // namespace glow::ops
