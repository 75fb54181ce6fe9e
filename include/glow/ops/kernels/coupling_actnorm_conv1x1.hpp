// Launchers of kernels/coupling_actnorm_conv1x1.cu: the map of a coupling as for coupling, with an ActNorm
// and a 1x1 convolution of all channels as for actnorm_conv1x1.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/ops/kernels/coupling.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Parts of an image's log-determinant.
template <class T>
Index coupling_actnorm_conv1x1_sums(CouplingShape shape);

/// x in place: the coupling's map, then x = W ((x + bias) * exp(log_scale)); sums [n,
/// coupling_actnorm_conv1x1_sums] = parts of the log-determinants of all three
template <class T>
void launch_coupling_actnorm_conv1x1_forward(NetworkParts<T> network, const T* bias, const T* log_scale,
                                             const T* packed_weight, const T* log_s, T* x,
                                             CouplingShape shape, T* sums, cudaStream_t stream);

/// y in place: the coupling's map back, then y = (W^-1 y) * exp(-log_scale) - bias; sums as above, of the
/// forward pass
template <class T>
void launch_coupling_actnorm_conv1x1_inverse(NetworkParts<T> network, const T* bias, const T* log_scale,
                                             const T* packed_inverse, const T* log_s, T* y,
                                             CouplingShape shape, T* sums, cudaStream_t stream);

}  // namespace glow::kernels
