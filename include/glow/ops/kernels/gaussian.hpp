// Launchers of kernels/gaussian.cu. T is float or double; all pointers are to memory of the GPU. A null prior
// stands for N(0, I).
#pragma once

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/ops/kernels/parts.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Numbers that the parts of n log-densities take.
constexpr Index parts_of_log_density(Index n, Index c) { return most_parts_of(n) * (1 + c / 256); }

/// z [n, pixels, c], prior [n, pixels, 2c] -> logp [n]: logp += ..., through part [parts_of_log_density]
template <class T>
void launch_gaussian_log_density(const T* z, const T* prior, T* part, T* logp, Index n, Index pixels, Index c,
                                 cudaStream_t stream);

/// z, prior, dlogp [n] -> dz [n, pixels, c], d_prior [n, pixels, 2c] or null: dz += ..., d_prior = ...
template <class T>
void launch_gaussian_backward(const T* z, const T* prior, const T* dlogp, T* dz, T* d_prior, Index n,
                              Index pixels, Index c, cudaStream_t stream);

/// prior -> z in place, whose pixels lie `stride` elements apart: z = mu + exp(log sigma) * temperature * z
template <class T>
void launch_gaussian_sample(const T* prior, T temperature, T* z, Index n, Index pixels, Index c, Index stride,
                            cudaStream_t stream);

}  // namespace glow::kernels
