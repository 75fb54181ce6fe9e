// Launchers of kernels/coupling.cu: of x [n, h, w, channels] the `changed` channels from x on are transformed
// by the output of a network, given as the parts [n * h * w, pitch] that its pixels give to their neighbours
// or as a whole, and bias [outputs * changed], where outputs is the map's. Map is one of ops/maps, T float or
// double; all pointers are to memory of the GPU.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/ops/neighbours.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// The network's output without its bias: nine parts a pixel, or one, the output itself.
template <class T>
struct NetworkParts {
  const T* parts;
  Index pitch;
  const T* bias;
  Index taps = ops::taps;
};

/// Extents of the batch; `changed` channels are transformed.
struct CouplingShape {
  Index n, h, w, channels, changed;
};

/// Sums of log-scales that an image leaves.
Index coupling_sums(CouplingShape shape);

/// x -> y in place; sums [n, coupling_sums] = sums of log-scales.
template <class Map, class T>
void launch_coupling_forward(NetworkParts<T> network, T* x, CouplingShape shape, T* sums,
                             cudaStream_t stream);

/// y -> x in place; sums as above.
template <class Map, class T>
void launch_coupling_inverse(NetworkParts<T> network, T* y, CouplingShape shape, T* sums,
                             cudaStream_t stream);

/// y -> x and dy -> its direct part of dx, in place; dout [n * h * w, outputs * changed] = the cotangent of
/// the network's output. dlogdet [n] may be null.
template <class Map, class T>
void launch_coupling_backward(NetworkParts<T> network, const T* dlogdet, T* y, T* dy, T* dout,
                              CouplingShape shape, cudaStream_t stream);

}  // namespace glow::kernels
